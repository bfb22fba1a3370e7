internal import KafkaProtocol

/// A partition by its topic's id, which outlives the topic's name.
struct TopicIDPartition: Hashable, Comparable, Sendable {
    var topicID: TopicID
    var partition: Int32

    static func < (left: TopicIDPartition, right: TopicIDPartition) -> Bool {
        (left.topicID, left.partition) < (right.topicID, right.partition)
    }
}

/// What a member has or shall have. For look-ups, and in order by ``byTopic``.
typealias PartitionSet = Set<TopicIDPartition>

extension PartitionSet {
    /// Topics and partitions in ascending order.
    var byTopic: [(topicID: TopicID, partitions: [Int32])] {
        var topics: [(topicID: TopicID, partitions: [Int32])] = []
        for element in sorted() {
            if topics.last?.topicID != element.topicID { topics.append((element.topicID, [])) }
            topics[topics.count - 1].partitions.append(element.partition)
        }
        return topics
    }
}
