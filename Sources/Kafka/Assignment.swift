/// The partitions that a consumer holds, since when, and which of them rest. A value: it calls nothing.
struct Assignment {
    struct Held: Equatable {
        let epoch: UInt64
        /// Asked back, and held only until the commits under way are answered.
        var isLeaving = false
        /// The offset after the last message that was taken; 0 before the first.
        var next: Int64 = 0
    }

    /// Grows with each assignment and each revocation.
    private(set) var epoch: UInt64 = 0
    /// For look-ups; what is iterated is sorted.
    private var held: [TopicPartition: Held] = [:]
    /// A rebalance forgets them.
    private(set) var paused: Set<TopicPartition> = []
    private var leaving: Set<TopicPartition> = []

    /// Those of which nothing is to be taken for now.
    var resting: Set<TopicPartition> { leaving.isEmpty ? paused : paused.union(leaving) }

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
        leaving.subtract(partitions)
    }

    /// Reading went back: what comes now has offsets of messages that were taken before, but is something else. It is
    /// as if the partition were given up and taken anew.
    mutating func beginAnew(_ partition: TopicPartition) {
        guard let old = held[partition] else { return }
        epoch += 1
        held[partition] = Held(epoch: epoch, isLeaving: old.isLeaving)
    }

    /// From here on none of their messages is handed out.
    mutating func beginRemoving(_ partitions: [TopicPartition]) {
        for partition in partitions where held[partition] != nil {
            held[partition]?.isLeaving = true
            leaving.insert(partition)
        }
    }

    mutating func remove(_ partitions: [TopicPartition]) {
        epoch += 1
        paused = []
        for partition in partitions { held[partition] = nil }
        leaving.subtract(partitions)
    }

    // MARK: Reading

    /// The epoch of a partition whose messages may be handed out, and the offset after the last one that was taken; 0
    /// before the first.
    func place(in partition: TopicPartition) -> (epoch: UInt64, next: Int64)? {
        guard let held = held[partition], !held.isLeaving else { return nil }
        return (held.epoch, held.next)
    }

    mutating func note(next: Int64, of partition: TopicPartition) { held[partition]?.next = next }

    // MARK: Pause

    mutating func pause(_ partitions: [TopicPartition]) { paused.formUnion(partitions) }
    mutating func resume(_ partitions: [TopicPartition]) { paused.subtract(partitions) }
}
