internal import KafkaProtocol
internal import OrderedCollections

/// Offsets that were committed within transactions that have not ended. Until then nobody is told them; a consumer
/// that wants stable offsets only is told to wait (KIP-447).
struct PendingOffsets: Sendable {
    private struct Key: Hashable, Sendable {
        var group: String
        var producerID: Int64
    }

    private var pending: OrderedDictionary<Key, OrderedDictionary<TopicPartition, CommittedOffset>> = [:]

    var isEmpty: Bool { pending.isEmpty }

    mutating func add(_ offset: CommittedOffset, group: String, partition: TopicPartition, producerID: Int64) {
        pending[Key(group: group, producerID: producerID), default: [:]][partition] = offset
    }

    /// Whether a transaction may still change where the group stands.
    func isPending(group: String, partition: TopicPartition) -> Bool {
        pending.contains { $0.key.group == group && $0.value[partition] != nil }
    }

    /// The transaction has ended: what it had committed for the group, in the order of the first commits.
    mutating func take(
        group: String, producerID: Int64
    ) -> [(partition: TopicPartition, offset: CommittedOffset)] {
        let taken = pending.removeValue(forKey: Key(group: group, producerID: producerID)) ?? [:]
        return taken.map { (partition: $0.key, offset: $0.value) }
    }

    /// All that a producer has committed for groups, and that waits.
    func offsets(producerID: Int64) -> [(group: String, partition: TopicPartition, offset: CommittedOffset)] {
        pending.filter { $0.key.producerID == producerID }.flatMap { key, offsets in
            offsets.map { (group: key.group, partition: $0.key, offset: $0.value) }
        }
    }

    /// The groups that a producer has committed for.
    func groups(producerID: Int64) -> [String] {
        pending.keys.filter { $0.producerID == producerID }.map(\.group)
    }

    mutating func forget(topic: String) {
        for key in pending.keys {
            pending[key]?.removeAll { $0.key.topic == topic }
            if pending[key]?.isEmpty == true { pending[key] = nil }
        }
    }
}
