internal import OrderedCollections

/// A partition by its topic's name.
struct TopicPartition: Hashable, Comparable, Sendable {
    var topic: String
    var partition: Int32

    static func < (left: TopicPartition, right: TopicPartition) -> Bool {
        (left.topic, left.partition) < (right.topic, right.partition)
    }
}

/// The offset from which a group wants to go on.
struct CommittedOffset: Equatable, Sendable {
    var offset: Int64
    var leaderEpoch: Int32
    var metadata: String?
    /// Wall clock, for expiry and for the curious.
    var committedAtMilliseconds: Int64
}

/// What each group has committed. Decides nothing: who may commit is the group's business.
struct OffsetStore: Sendable {
    private var groups: OrderedDictionary<String, OrderedDictionary<TopicPartition, CommittedOffset>> = [:]

    mutating func commit(_ offset: CommittedOffset, group: String, partition: TopicPartition) {
        groups[group, default: [:]][partition] = offset
    }

    func offset(group: String, partition: TopicPartition) -> CommittedOffset? {
        groups[group]?[partition]
    }

    /// All of a group's offsets by topic and partition.
    func offsets(group: String) -> [(partition: TopicPartition, offset: CommittedOffset)] {
        (groups[group] ?? [:]).map { (partition: $0.key, offset: $0.value) }.sorted { $0.partition < $1.partition }
    }

    func isEmpty(group: String) -> Bool {
        groups[group]?.isEmpty ?? true
    }

    /// Returns whether there was one.
    @discardableResult
    mutating func remove(group: String, partition: TopicPartition) -> Bool {
        groups[group]?.removeValue(forKey: partition) != nil
    }

    /// A deleted group takes its offsets with it.
    mutating func forget(group: String) {
        groups[group] = nil
    }

    /// A deleted topic takes its offsets with it, or a new topic of the name would begin in its middle.
    mutating func forget(topic: String) {
        for group in groups.keys {
            groups[group]?.removeAll { $0.key.topic == topic }
        }
    }
}
