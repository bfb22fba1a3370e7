import KafkaProtocol
import NIOCore
import Testing

@testable import FakeBroker

/// Share groups as their members see them.
@Suite struct `Share group` {
    private var brokers = Self.cluster()
    private var a = ShareMember("a", client: 1)
    private var b = ShareMember("b", client: 2)

    private static func cluster(
        _ change: (inout FakeBroker.Configuration) -> Void = { _ in }
    ) -> VirtualCluster {
        VirtualCluster {
            $0.topics = [.init("t", partitions: 1, configs: ["retention.ms": "-1"]), .init("u", partitions: 4)]
            $0.shareGroups.offsetReset = .earliest
            change(&$0)
        }
    }

    private var t: TopicIDPartition {
        TopicIDPartition(topicID: brokers.cluster.topics["t"]?.id ?? .zero, partition: 0)
    }

    private mutating func produce(_ count: Int, from first: Int = 0) {
        _ = brokers.produce(Batches.make((first..<first + count).map { "\($0)" }))
    }

    // MARK: Members

    @Test mutating func `members share a partition, and each has some of many`() throws {
        try a.beat(&brokers)
        try b.beat(&brokers)
        #expect(a.assigned == [t])
        #expect(b.assigned == [t])
        var c = ShareMember("c", group: "h", topics: ["u"])
        var d = ShareMember("d", group: "h", topics: ["u"])
        try c.beat(&brokers)
        #expect(c.assigned.count == 4)
        try d.beat(&brokers)
        try c.beat(&brokers)
        #expect((c.assigned.count, d.assigned.count) == (2, 2))
        #expect(c.assigned.isDisjoint(with: d.assigned))
        #expect(try d.leave(&brokers) == .none)
        try c.beat(&brokers)
        #expect(c.assigned.count == 4)
    }

    @Test mutating func `a silent member is given up, and what it had is free`() throws {
        produce(2)
        try a.open(&brokers)
        _ = try a.fetch(&brokers)
        try b.open(&brokers)
        #expect(try b.fetch(&brokers).acquired == [])
        for _ in 0..<3 {
            brokers.pass(.seconds(14))
            try b.beat(&brokers)
            _ = try a.acknowledge(&brokers, [(t, 0, 1, 4)], renews: true)
        }
        brokers.pass(.seconds(3))
        #expect(brokers.cluster.groups[share: "g"]?.memberIDs == ["b"])
        #expect(try b.fetch(&brokers).acquired == ["0-1×2"])
        a.epoch = 1
        #expect(try a.beat(&brokers).errorCode == .unknownMemberID)
    }

    @Test mutating func `who has another epoch than it should is fenced`() throws {
        try a.beat(&brokers)
        try b.beat(&brokers)
        // One behind, since its answer may have been lost.
        #expect(try a.beat(&brokers).errorCode == .none)
        #expect(a.epoch == 2)
        a.epoch = 5
        #expect(try a.beat(&brokers).errorCode == .fencedMemberEpoch)
        a.epoch = 0
        #expect(try a.beat(&brokers).errorCode == .none)
    }

    @Test mutating func `an id names a group of one kind`() throws {
        try a.beat(&brokers)
        var consumer = ConsumerMember("x")
        #expect(try consumer.beat(&brokers).errorCode == .groupIDNotFound)
        #expect(try brokers.joined(VirtualCluster.joinRequest("g")).errorCode == .inconsistentGroupProtocol)
        #expect(brokers.commit(1, group: "g") == .groupIDNotFound)
        var other = ConsumerMember("x", group: "h")
        try other.beat(&brokers)
        var share = ShareMember("y", group: "h")
        #expect(try share.beat(&brokers).errorCode == .groupIDNotFound)
        #expect(try share.fetch(&brokers).errorCode == .groupIDNotFound)
        #expect(try brokers.list(types: ["share"]).map(\.groupID) == ["g"])
        #expect(try brokers.list(types: ["share"]).map(\.protocolType) == ["share"])
    }

    @Test func `the group takes members to its limit and no more`() throws {
        var brokers = Self.cluster { $0.shareGroups.maxSize = 1 }
        var a = ShareMember("a")
        var b = ShareMember("b")
        #expect(try a.beat(&brokers).errorCode == .none)
        #expect(try b.beat(&brokers).errorCode == .groupMaxSizeReached)
    }

    @Test mutating func `a first heartbeat without topics or a name is invalid`() throws {
        a.topics = []
        #expect(try a.beat(&brokers).errorCode == .invalidRequest)
        var nameless = ShareMember("")
        #expect(try nameless.beat(&brokers).errorCode == .invalidRequest)
        #expect(brokers.cluster.groups.ids.isEmpty)
    }

    // MARK: Records

    @Test mutating func `each record goes to one member, as many as it asks for`() throws {
        produce(5)
        produce(5, from: 5)
        try a.beat(&brokers)
        try b.beat(&brokers)
        let first = try a.fetch(&brokers, maxRecords: 3)
        #expect(first.acquired == ["0-2×1"])
        #expect(try first.values == ["0", "1", "2"])
        #expect(first.acquisitionLockTimeoutMs == 30_000)
        #expect(try b.fetch(&brokers, maxRecords: 4).values == ["3", "4", "5", "6"])
        #expect(try a.fetch(&brokers).values == ["7", "8", "9"])
    }

    @Test mutating func `accepted records are done with, released ones come again, rejected ones do not`() throws {
        produce(4)
        try a.open(&brokers)
        _ = try a.fetch(&brokers)
        let answer = try a.acknowledge(&brokers, [(t, 0, 0, 1), (t, 1, 1, 2), (t, 2, 2, 3)])
        #expect(answer.responses.flatMap(\.partitions).map(\.errorCode) == [.none])
        #expect(try a.fetch(&brokers).acquired == ["1-1×2"])
        #expect(brokers.cluster.groups[share: "g"]?.startOffset(of: t) == 1)
    }

    @Test mutating func `records are acknowledged by the way, and the next are fetched`() throws {
        produce(4)
        try a.beat(&brokers)
        _ = try a.fetch(&brokers, maxRecords: 2)
        let answer = try a.fetch(&brokers, [(t, 0, 1, 1)], maxRecords: 2)
        #expect(answer.acquired == ["2-3×1"])
        #expect(answer.responses.flatMap(\.partitions).map(\.acknowledgeErrorCode) == [.none])
        let wrong = try a.fetch(&brokers, [(t, 7, 9, 1)])
        #expect(wrong.responses.flatMap(\.partitions).map(\.acknowledgeErrorCode) == [.invalidRequest])
    }

    @Test mutating func `a lock that ends frees its records, for as often as they may be delivered`() throws {
        produce(1)
        try a.beat(&brokers)
        for delivery in 1...5 {
            #expect(try a.fetch(&brokers).acquired == ["0-0×\(delivery)"])
            brokers.pass(.seconds(30))
            try a.beat(&brokers)
        }
        #expect(try a.fetch(&brokers).acquired == [])
        #expect(brokers.cluster.groups[share: "g"]?.startOffset(of: t) == 1)
    }

    @Test mutating func `a renewed lock is kept`() throws {
        produce(1)
        try a.beat(&brokers)
        _ = try a.fetch(&brokers)
        brokers.pass(.seconds(20))
        let renewed = try a.acknowledge(&brokers, [(t, 0, 0, 4)], renews: true)
        #expect(renewed.acquisitionLockTimeoutMs == 30_000)
        #expect(renewed.responses.flatMap(\.partitions).map(\.errorCode) == [.none])
        brokers.pass(.seconds(20))
        let accepted = try a.acknowledge(&brokers, [(t, 0, 0, 1)])
        #expect(accepted.responses.flatMap(\.partitions).map(\.errorCode) == [.none])
    }

    @Test func `a group begins at the end of the log, unless told otherwise`() throws {
        var brokers = Self.cluster { $0.shareGroups.offsetReset = .latest }
        _ = brokers.produce(Batches.make(["old"]))
        var a = ShareMember("a")
        try a.open(&brokers)
        _ = brokers.produce(Batches.make(["new"]))
        #expect(try a.fetch(&brokers).values == ["new"])
    }

    // MARK: Waiting

    @Test mutating func `a fetch waits for records, and one member gets them`() throws {
        try a.open(&brokers)
        try b.open(&brokers)
        #expect(brokers.send(.shareFetch(a.fetchRequest(maxWait: .seconds(5))), from: 1) == nil)
        #expect(brokers.send(.shareFetch(b.fetchRequest(maxWait: .seconds(5))), from: 2) == nil)
        produce(1)
        guard case .shareFetch(let answer) = brokers.take(1).first else { throw UnexpectedAnswer(nil) }
        #expect(answer.acquired == ["0-0×1"])
        #expect(brokers.take(2).isEmpty)
        a.advance()
        // What the first releases the second gets at once.
        _ = try a.acknowledge(&brokers, [(t, 0, 0, 2)])
        guard case .shareFetch(let second) = brokers.take(2).first else { throw UnexpectedAnswer(nil) }
        #expect(second.acquired == ["0-0×2"])
    }

    @Test mutating func `a fetch waits no longer than it asked for`() throws {
        try a.open(&brokers)
        #expect(brokers.send(.shareFetch(a.fetchRequest(maxWait: .seconds(5))), from: 1) == nil)
        brokers.pass(.seconds(5) - .nanoseconds(1))
        #expect(brokers.take(1).isEmpty)
        brokers.pass(.nanoseconds(1))
        guard case .shareFetch(let answer) = brokers.take(1).first else { throw UnexpectedAnswer(nil) }
        #expect(answer.responses.isEmpty)
    }

    @Test mutating func `records of a lost connection are free at once`() throws {
        produce(1)
        try a.beat(&brokers)
        _ = try a.fetch(&brokers)
        try b.open(&brokers)
        #expect(brokers.send(.shareFetch(b.fetchRequest(maxWait: .seconds(5))), from: 2) == nil)
        brokers.change { cluster, _, _ in cluster.connectionClosed(ConnectionID(1)) }
        brokers.pass(.zero)
        guard case .shareFetch(let answer) = brokers.take(2).first else { throw UnexpectedAnswer(nil) }
        #expect(answer.acquired == ["0-0×2"])
        #expect(try a.fetch(&brokers).errorCode == .shareSessionNotFound)
    }

    @Test func `records of a connection that is closed are another's at once`() async throws {
        try await withBrokers({
            $0.topics = [.init("t")]
            $0.shareGroups.offsetReset = .earliest
        }) { broker in
            try await broker.append([.init("x")], to: "t")
            var members = [ShareMember("a"), ShareMember("b")]
            var clients: [TestClient] = []
            var topic = ShareFetchRequest.FetchTopic()
            topic.partitions = [ShareFetchRequest.FetchPartition()]
            for member in members {
                let client = try await TestClient.connect(to: broker)
                var heartbeat = ShareGroupHeartbeatRequest()
                heartbeat.groupID = "g"
                heartbeat.memberID = member.id
                heartbeat.subscribedTopicNames = ["t"]
                guard case .shareGroupHeartbeat(let joined) = try await client.call(.shareGroupHeartbeat(heartbeat))
                else { throw UnexpectedAnswer(nil) }
                topic.topicID = try #require(joined.assignment?.topicPartitions.first).topicID
                clients.append(client)
            }
            var fetch = members[0].fetchRequest()
            fetch.topics = [topic]
            guard case .shareFetch(let first) = try await clients[0].call(.shareFetch(fetch)) else {
                throw UnexpectedAnswer(nil)
            }
            #expect(first.acquired == ["0-0×1"])
            var waiting = members[1].fetchRequest(maxWait: .seconds(25))
            waiting.topics = [topic]
            let start = ContinuousClock.now
            try await clients[1].request(.shareFetch(waiting))
            try await clients[0].close()
            let frame = try #require(await clients[1].nextFrame())
            let answer = try Frame.decodeResponse(
                .shareFetch, version: APIKey.shareFetch.stableVersions.upperBound, frame)
            guard case .shareFetch(let second) = answer.1 else { throw UnexpectedAnswer(nil) }
            #expect(second.acquired == ["0-0×2"])
            #expect(ContinuousClock.now - start < .seconds(20))
            try await clients[1].close()
        }
    }

    @Test mutating func `a topic that goes ends the wait`() throws {
        try a.open(&brokers)
        #expect(brokers.send(.shareFetch(a.fetchRequest(maxWait: .seconds(5))), from: 1) == nil)
        let former = t
        _ = brokers.change { cluster, _, effects in cluster.deleteTopic("t", effects: &effects) }
        guard case .shareFetch(let answer) = brokers.take(1).first else { throw UnexpectedAnswer(nil) }
        #expect(answer.responses.flatMap(\.partitions).map(\.errorCode) == [.unknownTopicID])
        #expect(brokers.cluster.groups[share: "g"]?.startOffset(of: former) == nil)
    }

    // MARK: Sessions

    @Test mutating func `a session has an order`() throws {
        produce(2)
        try a.beat(&brokers)
        a.sessionEpoch = 1
        #expect(try a.fetch(&brokers).errorCode == .shareSessionNotFound)
        #expect(try a.acknowledge(&brokers, []).errorCode == .shareSessionNotFound)
        a.sessionEpoch = 0
        #expect(try a.acknowledge(&brokers, []).errorCode == .invalidShareSessionEpoch)
        #expect(try a.fetch(&brokers, [(t, 0, 0, 1)]).errorCode == .invalidRequest)
        #expect(try a.fetch(&brokers).errorCode == .none)
        a.sessionEpoch = 7
        #expect(try a.fetch(&brokers).errorCode == .invalidShareSessionEpoch)
        #expect(try a.acknowledge(&brokers, []).errorCode == .invalidShareSessionEpoch)
        // A new one takes the place of the old, and what it had is free.
        a.sessionEpoch = 0
        #expect(try a.fetch(&brokers).responses.isEmpty)
    }

    @Test mutating func `a session that closes frees what it had`() throws {
        produce(3)
        try a.beat(&brokers)
        _ = try a.fetch(&brokers)
        a.sessionEpoch = -1
        let answer = try a.acknowledge(&brokers, [(t, 0, 0, 1)])
        #expect(answer.errorCode == .none)
        try b.beat(&brokers)
        #expect(try b.fetch(&brokers).acquired == ["1-2×2"])
    }

    @Test func `there are no more sessions than there may be`() throws {
        var brokers = Self.cluster { $0.shareGroups.maxSessions = 1 }
        var a = ShareMember("a")
        var b = ShareMember("b")
        try a.open(&brokers)
        try b.beat(&brokers)
        #expect(try b.fetch(&brokers).errorCode == .shareSessionLimitReached)
    }

    @Test func `a partition that another broker leads is not fetched from`() throws {
        var brokers = VirtualCluster {
            $0.brokers = 2
            $0.topics = [.init("t", partitions: 2)]
        }
        let coordinator = try #require(brokers.cluster.brokers.coordinator(for: "g")).id
        var request = ShareGroupHeartbeatRequest()
        request.groupID = "g"
        request.memberID = "a"
        request.subscribedTopicNames = ["t"]
        _ = brokers.send(.shareGroupHeartbeat(request), to: coordinator)
        var fetch = ShareFetchRequest()
        fetch.groupID = "g"
        fetch.memberID = "a"
        fetch.maxRecords = 10
        var topic = ShareFetchRequest.FetchTopic()
        topic.topicID = try #require(brokers.cluster.topics["t"]?.id)
        topic.partitions = [Int32(0), 1].map {
            var partition = ShareFetchRequest.FetchPartition()
            partition.partitionIndex = $0
            return partition
        }
        fetch.topics = [topic]
        guard case .shareFetch(let answer) = brokers.send(.shareFetch(fetch), to: 1) else {
            throw UnexpectedAnswer(nil)
        }
        let partitions = answer.responses.flatMap(\.partitions)
        #expect(Set(partitions.map(\.errorCode)) == [.none, .notLeaderOrFollower])
        #expect(partitions.first { $0.errorCode != .none }?.currentLeader.leaderID == 2)
        #expect(answer.nodeEndpoints.map(\.nodeID) == [1, 2])
    }

    // MARK: Administration

    private mutating func describeOffsets(
        _ topics: [String]? = ["t"]
    ) throws -> DescribeShareGroupOffsetsResponse.DescribeShareGroupOffsetsResponseGroup {
        var request = DescribeShareGroupOffsetsRequest()
        var group = DescribeShareGroupOffsetsRequest.DescribeShareGroupOffsetsRequestGroup()
        group.groupID = "g"
        group.topics = topics?.map {
            var topic = DescribeShareGroupOffsetsRequest.DescribeShareGroupOffsetsRequestTopic()
            topic.topicName = $0
            topic.partitions = [0]
            return topic
        }
        request.groups = [group]
        let answer = brokers.send(.describeShareGroupOffsets(request))
        guard case .describeShareGroupOffsets(let response) = answer, response.groups.count == 1 else {
            throw UnexpectedAnswer(answer)
        }
        return response.groups[0]
    }

    private mutating func alterOffset(
        _ offset: Int64, topic: String = "t"
    ) throws -> AlterShareGroupOffsetsResponse {
        var request = AlterShareGroupOffsetsRequest()
        request.groupID = "g"
        var named = AlterShareGroupOffsetsRequest.AlterShareGroupOffsetsRequestTopic()
        named.topicName = topic
        var partition = AlterShareGroupOffsetsRequest.AlterShareGroupOffsetsRequestPartition()
        partition.startOffset = offset
        named.partitions = [partition]
        request.topics = [named]
        let answer = brokers.send(.alterShareGroupOffsets(request))
        guard case .alterShareGroupOffsets(let response) = answer else { throw UnexpectedAnswer(answer) }
        return response
    }

    private mutating func deleteOffsets(_ topic: String) throws -> DeleteShareGroupOffsetsResponse {
        var request = DeleteShareGroupOffsetsRequest()
        request.groupID = "g"
        var named = DeleteShareGroupOffsetsRequest.DeleteShareGroupOffsetsRequestTopic()
        named.topicName = topic
        request.topics = [named]
        let answer = brokers.send(.deleteShareGroupOffsets(request))
        guard case .deleteShareGroupOffsets(let response) = answer else { throw UnexpectedAnswer(answer) }
        return response
    }

    @Test mutating func `offsets are described, altered and deleted while nobody is there`() throws {
        produce(5)
        #expect(try describeOffsets(nil).errorCode == .groupIDNotFound)
        #expect(try describeOffsets().topics[0].partitions[0].startOffset == -1)
        #expect(try deleteOffsets("t").errorCode == .groupIDNotFound)
        try a.beat(&brokers)
        _ = try a.fetch(&brokers)
        _ = try a.acknowledge(&brokers, [(t, 0, 1, 1)])
        _ = try a.acknowledge(&brokers, [(t, 3, 3, 1)])
        let described = try describeOffsets(nil).topics[0].partitions[0]
        #expect((described.startOffset, described.lag) == (2, 2))
        #expect(try alterOffset(4).errorCode == .nonEmptyGroup)
        #expect(try deleteOffsets("t").errorCode == .nonEmptyGroup)
        #expect(try brokers.delete("g") == [.nonEmptyGroup])
        _ = try a.leave(&brokers)
        #expect(try alterOffset(4).errorCode == .none)
        #expect(try alterOffset(4, topic: "absent").responses[0].partitions[0].errorCode == .unknownTopicOrPartition)
        #expect(try describeOffsets().topics[0].partitions[0].startOffset == 4)
        try b.beat(&brokers)
        #expect(try b.fetch(&brokers).acquired == ["4-4×1"])
        _ = try b.leave(&brokers)
        #expect(try deleteOffsets("t").responses.map(\.errorCode) == [.none])
        #expect(try deleteOffsets("absent").responses.map(\.errorCode) == [.unknownTopicOrPartition])
        #expect(try describeOffsets().topics[0].partitions[0].startOffset == -1)
        #expect(try brokers.delete("g") == [.none])
    }

    @Test mutating func `an empty group keeps what it knows`() throws {
        produce(2)
        try a.beat(&brokers)
        _ = try a.fetch(&brokers)
        _ = try a.acknowledge(&brokers, [(t, 0, 0, 1)])
        _ = try a.leave(&brokers)
        brokers.pass(.seconds(30 * 86_400))
        try b.beat(&brokers)
        #expect(try b.fetch(&brokers).acquired == ["1-1×2"])
    }

    @Test mutating func `it is described`() throws {
        try a.beat(&brokers)
        var request = ShareGroupDescribeRequest()
        request.groupIDs = ["g", "absent"]
        guard case .shareGroupDescribe(let answer) = brokers.send(.shareGroupDescribe(request)) else {
            throw UnexpectedAnswer(nil)
        }
        #expect(answer.groups.map(\.errorCode) == [.none, .groupIDNotFound])
        #expect((answer.groups[0].groupState, answer.groups[0].assignorName) == ("Stable", "simple"))
        #expect(answer.groups[0].members.map(\.memberID) == ["a"])
        #expect(answer.groups[0].members[0].assignment.topicPartitions.map(\.topicName) == ["t"])
    }

    // MARK: At random

    @Test(arguments: UInt64(0)..<40)
    func `requests at random are answered`(seed: UInt64) throws {
        var brokers = Self.cluster()
        var member = ShareMember("a")
        try member.open(&brokers)
        _ = brokers.produce(Batches.make(["x", "y", "z"]))
        let keys: [APIKey] = [
            .shareFetch, .shareAcknowledge, .shareGroupHeartbeat, .shareGroupDescribe, .describeShareGroupOffsets,
            .alterShareGroupOffsets, .deleteShareGroupOffsets,
        ]
        let topic = brokers.cluster.topics["t"]?.id ?? .zero
        for step in 0..<150 {
            let key = keys[step % keys.count]
            var request = Request.sample(key, version: key.stableVersions.upperBound, seed: seed &* 977 &+ UInt64(step))
            switch request {
            case .shareFetch(var body):
                body.groupID = "g"
                body.memberID = "a"
                body.shareSessionEpoch = [0, 1, 2, -1, body.shareSessionEpoch][step % 5]
                body.maxWaitMs = min(body.maxWaitMs, 1000)
                for index in body.topics.indices { body.topics[index].topicID = topic }
                request = .shareFetch(body)
            case .shareAcknowledge(var body):
                body.groupID = "g"
                body.memberID = "a"
                body.shareSessionEpoch = [1, 2, 3, body.shareSessionEpoch][step % 4]
                for index in body.topics.indices { body.topics[index].topicID = topic }
                request = .shareAcknowledge(body)
            case .shareGroupHeartbeat(var body):
                body.groupID = "g"
                body.memberEpoch = [0, 1, -1, body.memberEpoch][step % 4]
                request = .shareGroupHeartbeat(body)
            default: break
            }
            if brokers.send(request, from: UInt64(step)) == nil {
                brokers.pass(.seconds(1))
                #expect(brokers.take(UInt64(step)).count == 1, "\(key.name)")
            }
        }
    }
}
