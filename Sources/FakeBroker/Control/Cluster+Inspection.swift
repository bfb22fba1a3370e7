// What a simulator looks up between two events.

extension Cluster {
    /// How far a group has read a partition; nil if it has committed nothing.
    package func committedOffset(group: String, topic: String, partition: Int32) -> Int64? {
        offsets.offset(group: group, partition: TopicPartition(topic: topic, partition: partition))?.offset
    }

    /// The offset after the last record of a partition; nil if there is no such partition.
    package func endOffset(topic: String, partition: Int32) -> Int64? {
        guard let slot = topics.slot(of: topic), let position = topics[slot: slot]?.position(of: partition) else {
            return nil
        }
        return topics[slot: slot]?.partitions[position].log.endOffset
    }

    /// The node id of the broker that leads a partition; -1 while no replica is up.
    package func leaderID(topic: String, partition: Int32) -> Int32 {
        guard let slot = topics.slot(of: topic), let position = topics[slot: slot]?.position(of: partition) else {
            return -1
        }
        return topics[slot: slot]?.partitions[position].leader ?? -1
    }

    /// The node id of the broker that answers for a group; nil while none is up.
    package func coordinator(of group: String) -> Int32? { brokers.coordinator(for: group)?.id }
}
