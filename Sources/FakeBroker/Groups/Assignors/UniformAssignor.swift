internal import KafkaProtocol

/// Spreads partitions evenly and moves as few as it can.
///
/// Where all members want the same topics, nobody has two partitions more than another. Where they do not, no single
/// move of a partition would make it more even.
///
/// Source: Kafka's server-side `uniform` assignor; for unlike subscriptions it balances in simpler steps.
enum UniformAssignor {
    static func assign(_ topics: [Assignor.Topic], to members: [Assignor.Member]) -> [PartitionSet] {
        guard let first = members.first else { return [] }
        return members.allSatisfy { $0.topics == first.topics }
            ? assignEqually(topics, to: members) : assignUnlike(topics, to: members)
    }

    // MARK: Members that want the same

    private static func assignEqually(
        _ topics: [Assignor.Topic], to members: [Assignor.Member]
    ) -> [PartitionSet] {
        let all = partitions(of: topics.filter { members[0].topics.contains($0.id) })
        let wanted = Set(all)
        let (quota, extra) = all.count.quotientAndRemainder(dividingBy: members.count)
        // Those who have more keep the extra ones, for fewer have to move.
        let keepers = members.indices.filter { members[$0].target.intersection(wanted).count > quota }
        let others = members.indices.filter { !keepers.contains($0) }
        var quotas = Array(repeating: quota, count: members.count)
        for member in (keepers + others).prefix(extra) { quotas[member] += 1 }

        var assigned = PartitionSet()
        var assignments = members.indices.map { index -> PartitionSet in
            let kept = members[index].target.intersection(wanted).subtracting(assigned)
            let mine =
                kept.count <= quotas[index] ? kept : PartitionSet(kept.sorted().prefix(quotas[index]))
            assigned.formUnion(mine)
            return mine
        }
        var free = all.filter { !assigned.contains($0) }.makeIterator()
        for index in members.indices {
            while assignments[index].count < quotas[index], let next = free.next() { assignments[index].insert(next) }
        }
        return assignments
    }

    private static func partitions(of topics: [Assignor.Topic]) -> [TopicIDPartition] {
        topics.flatMap { topic in
            (0..<max(topic.partitions, 0)).map { TopicIDPartition(topicID: topic.id, partition: $0) }
        }
    }

    // MARK: Members that want different topics

    private static func assignUnlike(
        _ topics: [Assignor.Topic], to members: [Assignor.Member]
    ) -> [PartitionSet] {
        var owner: [TopicIDPartition: Int] = [:]
        var loads = Array(repeating: 0, count: members.count)
        for (index, member) in members.enumerated() {
            for partition in member.target where member.topics.contains(partition.topicID) && owner[partition] == nil {
                owner[partition] = index
            }
        }
        // Topics that few want come first: they have the least choice.
        let wanted = topics.map { topic in
            (topic: topic, subscribers: members.indices.filter { members[$0].topics.contains(topic.id) })
        }.filter { !$0.subscribers.isEmpty }.sorted { $0.subscribers.count < $1.subscribers.count }
        let existing = Set(wanted.flatMap { partitions(of: [$0.topic]) })
        owner = owner.filter { existing.contains($0.key) }
        for index in owner.values { loads[index] += 1 }

        for (topic, subscribers) in wanted {
            for partition in partitions(of: [topic]) where owner[partition] == nil {
                guard let least = subscribers.min(by: { loads[$0] < loads[$1] }) else { continue }
                owner[partition] = least
                loads[least] += 1
            }
        }
        // Each move makes the sum of the squares of the loads smaller, so this ends.
        var hasMoved = true
        while hasMoved {
            hasMoved = false
            for (topic, subscribers) in wanted {
                for partition in partitions(of: [topic]) {
                    guard let from = owner[partition], let to = subscribers.min(by: { loads[$0] < loads[$1] }),
                        loads[from] > loads[to] + 1
                    else { continue }
                    owner[partition] = to
                    loads[from] -= 1
                    loads[to] += 1
                    hasMoved = true
                }
            }
        }
        var assignments = Array(repeating: PartitionSet(), count: members.count)
        for (partition, index) in owner { assignments[index].insert(partition) }
        return assignments
    }
}
