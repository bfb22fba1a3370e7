import Kafka

/// How a group's leader shares out partitions, as librdkafka's `cooperative-sticky` and `range` do.
enum Assignor {
    struct Member {
        let id: String
        let subscription: Subscription
    }

    /// Everybody keeps what it has, up to a fair share; what is left goes to those with least. Of what must move, the
    /// new owner gets nothing until the old one has given it back, which takes a second round.
    static func cooperativeSticky(_ members: [Member], _ partitions: [TopicPartition]) -> [[TopicPartition]] {
        guard !members.isEmpty else { return [] }
        let sorted = partitions.sorted()
        var owners: [TopicPartition: Int] = [:]
        for (index, member) in members.enumerated() {
            for partition in member.subscription.owned {
                // Two that claim one partition: neither is believed, for one of them is a member that was thrown out.
                owners[partition] = owners[partition] == nil ? index : -1
            }
        }
        let least = sorted.count / members.count
        var bigger = sorted.count % members.count
        var shares = members.map { _ in [TopicPartition]() }
        var free: [TopicPartition] = []
        for partition in sorted {
            guard let owner = owners[partition], owner >= 0, shares[owner].count <= least else {
                free.append(partition)
                continue
            }
            if shares[owner].count == least {
                guard bigger > 0 else {
                    free.append(partition)
                    continue
                }
                bigger -= 1
            }
            shares[owner].append(partition)
        }
        for partition in free {
            guard let target = shares.indices.min(by: { shares[$0].count < shares[$1].count }) else { continue }
            shares[target].append(partition)
        }
        return shares.enumerated().map { index, share in
            share.filter { owners[$0] == nil || owners[$0] == index || owners[$0] == -1 }
        }
    }

    /// Each topic by itself, in runs, to members in the order of their ids.
    static func range(_ members: [Member], _ partitions: [TopicPartition]) -> [[TopicPartition]] {
        let order = members.indices.sorted { members[$0].id < members[$1].id }
        var shares = members.map { _ in [TopicPartition]() }
        for topic in Set(partitions.map(\.topic)).sorted() {
            let own = partitions.filter { $0.topic == topic }.sorted()
            let interested = order.filter { members[$0].subscription.topics.contains(topic) }
            guard !interested.isEmpty else { continue }
            var start = 0
            for (place, member) in interested.enumerated() {
                let count = own.count / interested.count + (place < own.count % interested.count ? 1 : 0)
                shares[member] += own[start..<start + count]
                start += count
            }
        }
        return shares
    }
}
