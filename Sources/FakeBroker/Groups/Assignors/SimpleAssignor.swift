internal import KafkaProtocol

/// Shares partitions among members of a share group: every member has some, every partition is at someone, and where
/// there are more members than partitions several have the same one.
///
/// Source: Kafka's `simple` assignor (KIP-932).
enum SimpleAssignor {
    static let name = "simple"

    /// What each member shall have, in the order of the members.
    static func assign(_ topics: [Assignor.Topic], to members: [Set<TopicID>]) -> [PartitionSet] {
        var assignments = Array(repeating: PartitionSet(), count: members.count)
        // Topics begin at different members, lest the first has the extra partition of each.
        var start = 0
        for topic in topics where topic.partitions > 0 {
            let subscribers = members.indices.filter { members[$0].contains(topic.id) }
            guard !subscribers.isEmpty else { continue }
            let partitions = Int(topic.partitions)
            for slot in 0..<max(partitions, subscribers.count) {
                let member = subscribers[(start + slot) % subscribers.count]
                assignments[member].insert(
                    TopicIDPartition(topicID: topic.id, partition: Int32(slot % partitions)))
            }
            start += partitions % subscribers.count
        }
        return assignments
    }
}
