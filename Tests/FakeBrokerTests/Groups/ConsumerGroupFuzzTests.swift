import KafkaProtocol
import NIOCore
import Testing

@testable import FakeBroker

@Suite struct `Any sequence of consumer group events` {
    /// Clients that join, leave, fall silent, change their mind and miss answers, while topics come and go.
    @Test(arguments: UInt64(0)..<100)
    func `never gives a partition to two, and comes to rest`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var brokers = VirtualCluster {
            $0.seed = seed
            $0.topics = [.init("t", partitions: 5), .init("u", partitions: 3)]
        }
        var members: [ConsumerMember] = []
        var made = 0
        var groupEpoch: Int32 = 0
        for _ in 0..<150 {
            switch Int.random(in: 0..<12, using: &random) {
            case 0 where members.count < 6:
                made += 1
                let instance = Bool.random(using: &random) ? nil : "i\(Int.random(in: 0..<3, using: &random))"
                var member = ConsumerMember("m\(made)", instance: instance)
                member.assignor = [nil, "uniform", "range"].randomElement(using: &random) ?? nil
                members.append(member)
            case 1 where !members.isEmpty:
                let index = Int.random(in: 0..<members.count, using: &random)
                _ = try members[index].leave(&brokers, epoch: Bool.random(using: &random) ? -1 : -2)
                members.remove(at: index)
            case 2 where !members.isEmpty:
                let index = Int.random(in: 0..<members.count, using: &random)
                members[index].topics = [["t"], ["u"], ["t", "u"], [], ["t", "x"]].randomElement(using: &random)
                members[index].pattern = ["", ".", "[tx]"].randomElement(using: &random)
                members[index].mustTell = true
            case 3:
                brokers.pass(.seconds(Int64.random(in: 0...30, using: &random)))
            case 4:
                brokers.change { cluster, _, effects in
                    if cluster.topics["x"] == nil {
                        _ = cluster.createTopic("x", partitions: 2, replicationFactor: 1)
                    } else {
                        _ = cluster.deleteTopic("x", effects: &effects)
                    }
                }
            case 5 where !members.isEmpty:
                // The answer is lost: the client tells everything again.
                let index = Int.random(in: 0..<members.count, using: &random)
                _ = brokers.send(.consumerGroupHeartbeat(members[index].request))
                members[index].mustTell = true
            default:
                guard !members.isEmpty else { continue }
                let index = Int.random(in: 0..<members.count, using: &random)
                let former = members[index]
                let answer = try members[index].beat(&brokers)
                if answer.errorCode == .none, former.epoch > 0 { #expect(answer.memberEpoch >= former.epoch) }
            }
            try check(brokers.cluster.groups[consumer: "g"], members, &groupEpoch)
        }
        // Whoever is left behind by another with its instance id goes.
        let all = members
        members.removeAll { member in
            all.contains { $0.instance == member.instance && $0.instance != nil && $0.id > member.id }
        }
        brokers.pass(.seconds(100))
        #expect(try brokers.settle(&members) <= 50)
        try check(brokers.cluster.groups[consumer: "g"], members, &groupEpoch)
        let wanted = Set(members.flatMap { $0.topics ?? [] }).intersection(brokers.cluster.topics.allNames)
        let patterns = Set(members.compactMap(\.pattern)).filter { !$0.isEmpty }.map { try? TopicPattern($0) }
        let matching = brokers.cluster.topics.allNames.filter { name in
            patterns.contains { $0?.matches(name) == true }
        }
        let expected = Set(wanted).union(matching).reduce(0) { sum, name in
            sum + (brokers.cluster.topics[name]?.partitions.count ?? 0)
        }
        #expect(members.map(\.owned.count).reduce(0, +) == expected)
    }

    private func check(
        _ group: ConsumerGroup?, _ clients: [ConsumerMember], _ groupEpoch: inout Int32
    ) throws {
        guard let group else { return }
        #expect(group.epoch >= groupEpoch)
        groupEpoch = group.epoch
        #expect(group.assignmentEpoch <= group.epoch)
        var held = PartitionSet()
        for id in group.memberIDs {
            let member = try #require(group.member(id))
            #expect(member.epoch <= group.assignmentEpoch)
            #expect(held.isDisjoint(with: member.held), "two members of the group have one partition")
            held.formUnion(member.held)
            for partition in member.held { #expect(group.owners[partition] == id) }
        }
        #expect(group.owners.count == held.count)
        // What clients work on, as long as the group counts on them.
        var worked = PartitionSet()
        for client in clients where group.member(client.id) != nil && client.epoch > 0 {
            #expect(worked.isDisjoint(with: client.owned), "two clients work on one partition")
            worked.formUnion(client.owned)
        }
    }

    @Test(arguments: UInt64(0)..<40)
    func `requests at random are answered`(seed: UInt64) {
        var brokers = VirtualCluster { $0.topics = [.init("t", partitions: 5)] }
        for step in 0..<200 {
            let key: APIKey = step % 8 == 7 ? .consumerGroupDescribe : .consumerGroupHeartbeat
            var request = Request.sample(
                key, version: key.stableVersions.upperBound, seed: seed &* 1000 &+ UInt64(step))
            if case .consumerGroupHeartbeat(var body) = request {
                body.groupID = ["", "g"][step % 5 == 0 ? 0 : 1]
                body.memberID = ["a", "b", body.memberID][step % 3]
                body.memberEpoch = [0, 0, 1, 2, -1, -2, body.memberEpoch][step % 7]
                if body.memberEpoch == 0 {
                    body.topicPartitions = []
                    body.rebalanceTimeoutMs = max(0, body.rebalanceTimeoutMs)
                }
                request = .consumerGroupHeartbeat(body)
            }
            #expect(brokers.send(request) != nil)
            if step % 16 == 0 { brokers.pass(.seconds(step % 60)) }
        }
    }
}
