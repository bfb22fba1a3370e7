import KafkaProtocol
import TestSupport
import Testing

@testable import FakeBroker

@Suite(.timeLimit(.minutes(5))) struct `Brokers under control` {
    private static let metadata = Request.metadata(MetadataRequest())

    private func brokers(_ client: TestClient) async throws -> [MetadataResponse.MetadataResponseBroker] {
        let answer = try await client.call(Self.metadata)
        guard case .metadata(let response) = answer else { throw UnexpectedAnswer(answer) }
        return response.brokers
    }

    @Test func `are added and removed, and have racks`() async throws {
        try await withBrokers {
            $0.brokers = 2
            $0.racks = ["a"]
        } _: { broker in
            let client = try await TestClient.connect(to: broker)
            #expect(try await brokers(client).map(\.rack) == ["a", nil])
            #expect(try await broker.addBroker(rack: "c") == 3)
            try await broker.setRack("b", ofBroker: 2)
            let three = try await brokers(client)
            #expect(three.map(\.nodeID) == [1, 2, 3])
            #expect(three.map(\.rack) == ["a", "b", "c"])
            #expect(Set(three.map(\.port)).count == 3)
            try await broker.removeBroker(2)
            #expect(try await brokers(client).map(\.nodeID) == [1, 3])
            #expect(try await broker.addBroker() == 4)
            try await broker.removeBroker(3)
            try await broker.removeBroker(4)
            await #expect(throws: FakeBrokerError.self) { try await broker.removeBroker(4) }
            await #expect(throws: FakeBrokerError.self) { try await broker.removeBroker(1) }
            #expect(try await broker.brokers() == [1])
        }
    }

    @Test func `an added one leads a new topic`() async throws {
        try await withBrokers { _ in
        } _: { broker in
            try await broker.addBroker()
            try await broker.createTopic("t", partitions: 2, replicationFactor: 1)
            let leaders = [
                try await broker.leader(topic: "t", partition: 0), try await broker.leader(topic: "t", partition: 1),
            ]
            #expect(Set(leaders) == [1, 2])
        }
    }

    @Test func `a leader is moved, to a replica or another`() async throws {
        try await withBrokers {
            $0.brokers = 3
            $0.topics = [.init("t", replicationFactor: 1)]
        } _: { broker in
            for id in 1...3 {
                try await broker.moveLeader(topic: "t", to: id)
                #expect(try await broker.leader(topic: "t") == id)
            }
            try await broker.setReplicas(topic: "t", to: [2, 1])
            #expect(try await broker.leader(topic: "t") == 2)
            try await broker.stopBroker(2)
            #expect(try await broker.leader(topic: "t") == 1)
            await #expect(throws: FakeBrokerError.self) { try await broker.moveLeader(topic: "t", to: 2) }
            await #expect(throws: FakeBrokerError.self) { try await broker.moveLeader(topic: "t", to: 9) }
            await #expect(throws: FakeBrokerError.self) { try await broker.setReplicas(topic: "t", to: [1, 1]) }
            await #expect(throws: FakeBrokerError.self) { try await broker.setReplicas(topic: "x", to: [1]) }
        }
    }

    @Test func `a moved leader tells those who wait at the old one`() throws {
        var cluster = VirtualCluster {
            $0.brokers = 2
            $0.topics = [.init("t", replicationFactor: 2)]
        }
        let leader = try #require(cluster.cluster.topics["t"]?.partitions[0].leader)
        #expect(cluster.fetch(VirtualCluster.fetchRequest(), broker: leader) == nil)
        try cluster.change { cluster, _, effects in
            try cluster.moveLeader("t", 0, to: Int(3 - leader), effects: &effects)
        }
        #expect(try cluster.takeFetch(1).only?.errorCode == .notLeaderOrFollower)
    }

    @Test func `a coordinator is moved`() async throws {
        try await withBrokers {
            $0.brokers = 3
        } _: { broker in
            for id in 1...3 {
                try await broker.moveCoordinator(of: "g", to: id)
                #expect(try await broker.coordinator(of: "g") == id)
            }
            try await broker.stopBroker(3)
            #expect(try await broker.coordinator(of: "g") != 3)
            try await broker.startBroker(3)
            #expect(try await broker.coordinator(of: "g") == 3)
            await #expect(throws: FakeBrokerError.self) { try await broker.moveCoordinator(of: "g", to: 4) }
        }
    }
}

@Suite(.timeLimit(.minutes(5))) struct `Virtual time` {
    @Test func `passes when the test says so, over sockets too`() async throws {
        try await withBrokers {
            $0.time = .virtual(startMilliseconds: 1000)
            $0.topics = [.init("t")]
        } _: { broker in
            let client = try await TestClient.connect(to: broker)
            try await client.request(.fetch(VirtualCluster.fetchRequest(maxWait: .seconds(60))), version: 12)
            try await eventually("it waits") { try await broker.journal().count == 1 }
            try await broker.advance(by: .milliseconds(59_999))
            #expect(client.bytesReceived == 0)
            try await broker.advance(by: .milliseconds(1))
            #expect(await client.nextFrame() != nil)
            #expect(try await broker.time() == (.seconds(60), 61_000))
            #expect(try await broker.journal().last?.outcome == .answered(.none, after: .seconds(60)))
            await #expect(throws: FakeBrokerError.self) { try await broker.advance(by: .seconds(-1)) }
        }
    }

    @Test func `ends the sessions of members`() async throws {
        try await withBrokers {
            $0.time = .virtual()
        } _: { broker in
            let client = try await TestClient.connect(to: broker)
            var join = JoinGroupRequest()
            join.groupID = "g"
            join.sessionTimeoutMs = 45_000
            join.rebalanceTimeoutMs = 60_000
            join.protocolType = "consumer"
            join.protocols = [.init()]
            join.protocols[0].name = "range"
            _ = try await client.call(.joinGroup(join), version: 2)
            try await broker.advance(by: .seconds(44))
            #expect(try await broker.describeGroup("g")?.members.count == 1)
            try await broker.advance(by: .seconds(2))
            #expect(try await broker.describeGroup("g")?.members.isEmpty != false)
        }
    }

    @Test func `is not to be had where time is real`() async throws {
        try await withBrokers { _ in
        } _: { broker in
            await #expect(throws: FakeBrokerError.self) { try await broker.advance(by: .seconds(1)) }
        }
    }
}

@Suite(.timeLimit(.minutes(5))) struct `A snapshot` {
    @Test func `brings records, topics, offsets and brokers back`() async throws {
        try await withBrokers {
            $0.brokers = 2
            $0.topics = [.init("t", replicationFactor: 2)]
        } _: { broker in
            try await broker.append([.init("a")], to: "t")
            let before = try await broker.snapshot()
            try await broker.append([.init("b")], to: "t")
            try await broker.createTopic("u")
            try await broker.addBroker()
            try await broker.stopBroker(1)
            let client = try await TestClient.connect(to: broker, at: 1)
            // Before it is answered the connection may not have been taken yet, and would outlive the restoration.
            _ = try await client.call(.metadata(.init()))
            try await broker.restore(before)
            #expect(await client.nextFrame() == nil)
            #expect(try await broker.topics() == ["t"])
            #expect(try await broker.records(topic: "t").map(\.text) == ["a"])
            #expect(try await broker.brokers() == [1, 2])
            // Up again, at its port.
            _ = try await TestClient.connect(to: broker).call(.metadata(.init()))
            try await broker.append([.init("c")], to: "t")
            #expect(try await broker.records(topic: "t").map(\.text) == ["a", "c"])
        }
    }

    @Test func `brings time back, so that what was to expire still does`() async throws {
        try await withBrokers {
            $0.time = .virtual()
        } _: { broker in
            try await broker.advance(by: .seconds(5))
            let before = try await broker.snapshot()
            try await broker.advance(by: .seconds(50))
            try await broker.restore(before)
            #expect(try await broker.time().elapsed == .seconds(5))
        }
    }

    @Test func `of another cluster is refused`() async throws {
        try await withBrokers { _ in
        } _: { broker in
            try await withBrokers {
                $0.seed = 1
            } _: { other in
                let snapshot = try await other.snapshot()
                await #expect(throws: FakeBrokerError.self) { try await broker.restore(snapshot) }
            }
        }
    }
}

@Suite struct `The journal's text` {
    @Test func `shows messages if it is asked to, and is searched`() async throws {
        try await withBrokers {
            $0.journalMessages = true
            $0.topics = [.init("orders")]
        } _: { broker in
            let client = try await TestClient.connect(to: broker)
            _ = try await client.call(.apiVersions(.init()), version: 0)
            _ = try await client.call(.metadata(.init()))
            let journal = try await broker.journal()
            #expect(journal.matching(api: "Metadata").count == 1)
            #expect(journal.matching(clientID: "test", broker: 1).count == 2)
            #expect(journal.matching(text: "orders").map(\.api) == ["Metadata"])
            #expect(journal.matching(api: "Fetch").isEmpty)
            #expect(journal.text.contains("Name: 'orders'"))
            #expect(journal.text.split(separator: "\n").count == 6)
        }
    }
}
