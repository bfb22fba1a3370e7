internal import KafkaProtocol

/// Gives every member a run of each topic's partitions, the first ones one more where they do not divide evenly.
///
/// Static members come first, by their instance ids, so that a restart changes nothing; others by their ids.
///
/// Source: Kafka's server-side `range` assignor.
enum RangeAssignor {
    static func assign(_ topics: [Assignor.Topic], to members: [Assignor.Member]) -> [PartitionSet] {
        let order = members.indices.sorted { precedes(members[$0], members[$1]) }
        var assignments = Array(repeating: PartitionSet(), count: members.count)
        for topic in topics {
            let subscribers = order.filter { members[$0].topics.contains(topic.id) }
            guard !subscribers.isEmpty else { continue }
            let (quota, extra) = Int(topic.partitions).quotientAndRemainder(dividingBy: subscribers.count)
            var next = 0
            for (position, member) in subscribers.enumerated() {
                let end = next + quota + (position < extra ? 1 : 0)
                for partition in next..<end {
                    assignments[member].insert(TopicIDPartition(topicID: topic.id, partition: Int32(partition)))
                }
                next = end
            }
        }
        return assignments
    }

    private static func precedes(_ left: Assignor.Member, _ right: Assignor.Member) -> Bool {
        switch (left.instanceID, right.instanceID) {
        case (let left?, let right?): left < right
        case (.some, nil): true
        case (nil, .some): false
        case (nil, nil): left.id < right.id
        }
    }
}
