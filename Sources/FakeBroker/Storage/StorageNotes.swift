internal import KafkaProtocol
internal import OrderedCollections

/// What has changed since a shell last asked, so that it can write that down, and nothing else.
///
/// Notes say where, not what: the shell looks at the cluster for that. Without a log directory nothing is noted.
struct StorageNotes: Sendable {
    var isOn = false
    private(set) var topics: OrderedSet<String> = []
    private(set) var partitions: OrderedSet<TopicPartition> = []

    var isEmpty: Bool { topics.isEmpty && partitions.isEmpty }

    /// A topic was made, changed or deleted.
    mutating func note(topic: String) {
        if isOn { topics.append(topic) }
    }

    /// A partition has grown, lost records or been compacted.
    mutating func note(_ topic: String, _ position: Int) {
        if isOn { partitions.append(TopicPartition(topic: topic, partition: Int32(position))) }
    }

    mutating func take() -> StorageNotes {
        let taken = self
        self = StorageNotes()
        isOn = taken.isOn
        return taken
    }
}
