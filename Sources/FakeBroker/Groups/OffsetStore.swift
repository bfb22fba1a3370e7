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
    struct Key: Hashable, Sendable {
        var group: String
        var partition: TopicPartition
    }

    private var groups: OrderedDictionary<String, OrderedDictionary<TopicPartition, CommittedOffset>> = [:]

    /// What was committed or removed since somebody asked, if it is noted.
    private(set) var changes: OrderedSet<Key> = []
    private var isNoting = false

    mutating func startNoting() {
        isNoting = true
        changes = []
    }

    mutating func takeChanges() -> [Key] {
        defer { changes = [] }
        return Array(changes)
    }

    private mutating func note(_ group: String, _ partition: TopicPartition) {
        if isNoting { changes.append(Key(group: group, partition: partition)) }
    }

    /// Of all groups, by their first commits.
    var all: [(group: String, partition: TopicPartition, offset: CommittedOffset)] {
        groups.flatMap { group, offsets in
            offsets.map { (group: group, partition: $0.key, offset: $0.value) }
        }
    }

    mutating func commit(_ offset: CommittedOffset, group: String, partition: TopicPartition) {
        note(group, partition)
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
        note(group, partition)
        return groups[group]?.removeValue(forKey: partition) != nil
    }

    /// A deleted group takes its offsets with it.
    mutating func forget(group: String) {
        for partition in groups[group]?.keys ?? [] { note(group, partition) }
        groups[group] = nil
    }

    /// A deleted topic takes its offsets with it, or a new topic of the name would begin in its middle.
    mutating func forget(topic: String) {
        for group in groups.keys {
            groups[group]?.removeAll { $0.key.topic == topic }
        }
    }
}
