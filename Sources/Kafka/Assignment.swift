/// The partitions that a consumer holds, since when, and which of them rest. A value: it calls nothing.
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
    /// Those that rest. A rebalance forgets them.
    private(set) var paused: Set<TopicPartition> = []

    var partitions: [TopicPartition] { held.keys.sorted() }

    /// The epoch of a partition whose messages may be handed out.
    func epoch(of partition: TopicPartition) -> UInt64? {
        guard let held = held[partition], !held.isLeaving else { return nil }
        return held.epoch
    }

    /// The epoch of a partition that is held, whether or not it is about to be given back.
    func heldEpoch(of partition: TopicPartition) -> UInt64? { held[partition]?.epoch }

    /// Whether nothing is held, or only what was asked back.
    var isGivenBack: Bool { held.values.allSatisfy(\.isLeaving) }

    // MARK: Rebalance

    mutating func add(_ partitions: [TopicPartition]) {
        epoch += 1
        paused = []
        for partition in partitions { held[partition] = Held(epoch: epoch) }
    }

    /// From here on none of their messages is handed out.
    mutating func beginRemoving(_ partitions: [TopicPartition]) {
        for partition in partitions { held[partition]?.isLeaving = true }
    }

    mutating func remove(_ partitions: [TopicPartition]) {
        epoch += 1
        paused = []
        for partition in partitions { held[partition] = nil }
    }

    // MARK: Pause

    mutating func pause(_ partitions: [TopicPartition]) { paused.formUnion(partitions) }
    mutating func resume(_ partitions: [TopicPartition]) { paused.subtract(partitions) }
}
