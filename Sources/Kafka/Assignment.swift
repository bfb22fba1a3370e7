/// The partitions that a consumer holds, since when, and which of them must be paused. A value: it calls nothing.
struct Assignment {
    struct Held: Equatable {
        let epoch: UInt64
        /// Asked back, and held only until the commits under way are answered.
        var isLeaving = false
    }

    /// Grows with each assignment and each revocation.
    private(set) var epoch: UInt64 = 0
    /// For look-ups; what is iterated is sorted.
    private var held: [TopicPartition: Held] = [:]
    private var pausedByUser: Set<TopicPartition> = []
    /// What librdkafka was told; it remembers pauses over a revocation.
    private var pausedInLibrary: Set<TopicPartition> = []
    /// Whether nobody wants messages, so that all partitions rest.
    private(set) var isParked = true

    var partitions: [TopicPartition] { held.keys.sorted() }

    /// The epoch of a partition whose messages may be handed out.
    func epoch(of partition: TopicPartition) -> UInt64? {
        guard let held = held[partition], !held.isLeaving else { return nil }
        return held.epoch
    }

    /// The epoch of a partition that is held, whether or not it is about to be given back.
    func heldEpoch(of partition: TopicPartition) -> UInt64? { held[partition]?.epoch }

    // MARK: Rebalance, which forgets what the user paused

    mutating func add(_ partitions: [TopicPartition]) {
        epoch += 1
        pausedByUser = []
        for partition in partitions { held[partition] = Held(epoch: epoch) }
    }

    /// From here on none of their messages is handed out.
    mutating func beginRemoving(_ partitions: [TopicPartition]) {
        for partition in partitions { held[partition]?.isLeaving = true }
    }

    mutating func remove(_ partitions: [TopicPartition]) {
        epoch += 1
        pausedByUser = []
        for partition in partitions { held[partition] = nil }
    }

    // MARK: Pause

    mutating func park() { isParked = true }
    mutating func unpark() { isParked = false }
    mutating func pause(_ partitions: [TopicPartition]) { pausedByUser.formUnion(partitions) }
    mutating func resume(_ partitions: [TopicPartition]) { pausedByUser.subtract(partitions) }

    /// What to tell librdkafka now so that exactly the right partitions rest. It is not told twice, for even a pause
    /// that changes nothing makes it fetch again.
    mutating func takePauseChanges() -> (pause: [TopicPartition], resume: [TopicPartition]) {
        var pause: [TopicPartition] = []
        var resume: [TopicPartition] = []
        for partition in partitions {
            let shouldRest = isParked || pausedByUser.contains(partition)
            if shouldRest, pausedInLibrary.insert(partition).inserted { pause.append(partition) }
            if !shouldRest, pausedInLibrary.remove(partition) != nil { resume.append(partition) }
        }
        return (pause, resume)
    }
}
