import KafkaProtocol
import TestSupport
import Testing

@testable import FakeBroker

/// Quotas on other things than bytes, in the cluster's time.
@Suite struct `A quota takes effect` {
    private func cluster(_ key: Quotas.Resource, _ rate: Double, for entity: Quotas.Entity) -> VirtualCluster {
        var brokers = VirtualCluster {
            $0.topics = [.init("t")]
            $0.requestTime = .milliseconds(10)
        }
        brokers.change { cluster, _, _ in cluster.quotas.set(key.rawValue, to: rate, for: entity) }
        return brokers
    }

    private func metadataThrottle(_ brokers: inout VirtualCluster, from client: UInt64 = 1) throws -> Int32 {
        let answer = brokers.send(.metadata(MetadataRequest()), from: client)
        guard case .metadata(let response) = answer else { throw UnexpectedAnswer(answer) }
        return response.throttleTimeMs
    }

    @Test func `on the time of a broker's threads`() throws {
        // One hundredth of a thread, and a request takes as much as a second grants.
        var brokers = cluster(.requestTime, 1, for: .init(clientID: .named("client-1")))
        #expect(try metadataThrottle(&brokers) == 0)
        #expect(try metadataThrottle(&brokers) == 1000)
        #expect(brokers.stalled == [1])
        #expect(try metadataThrottle(&brokers, from: 2) == 0)
        brokers.pass(.seconds(2))
        #expect(try metadataThrottle(&brokers) == 0)
    }

    private func create(
        _ name: String, partitions: Int32, version: Int16 = 7, in brokers: inout VirtualCluster
    ) throws -> String {
        var topic = CreateTopicsRequest.CreatableTopic()
        topic.name = name
        topic.numPartitions = partitions
        topic.replicationFactor = 1
        var request = CreateTopicsRequest()
        request.topics = [topic]
        let answer = brokers.send(.createTopics(request), version: version)
        guard case .createTopics(let response) = answer else { throw UnexpectedAnswer(answer) }
        return "\(response.topics[0].errorCode) \(response.throttleTimeMs)"
    }

    @Test func `on changes of partitions`() throws {
        var brokers = cluster(.mutations, 1, for: .init(user: .standard))
        #expect(try create("a", partitions: 20, in: &brokers) == "NONE 9000")
        #expect(try create("b", partitions: 1, in: &brokers) == "THROTTLING_QUOTA_EXCEEDED 9000")
        #expect(brokers.cluster.topics["b"] == nil)
        // Who does not know the error is not refused.
        #expect(try create("b", partitions: 1, version: 5, in: &brokers) == "NONE 10000")

        var delete = DeleteTopicsRequest()
        delete.topicNames = ["b"]
        guard case .deleteTopics(let refused) = brokers.send(.deleteTopics(delete), version: 5) else {
            throw UnexpectedAnswer(nil)
        }
        #expect(refused.responses.map(\.errorCode) == [.throttlingQuotaExceeded])
        #expect(refused.throttleTimeMs == 10_000)
        var more = CreatePartitionsRequest()
        more.topics = [.init()]
        more.topics[0].name = "b"
        more.topics[0].count = 2
        guard case .createPartitions(let unmade) = brokers.send(.createPartitions(more), version: 3) else {
            throw UnexpectedAnswer(nil)
        }
        #expect(unmade.results.map(\.errorCode) == [.throttlingQuotaExceeded])

        brokers.pass(.seconds(10))
        guard case .createPartitions(let made) = brokers.send(.createPartitions(more), version: 3) else {
            throw UnexpectedAnswer(nil)
        }
        #expect(made.results.map(\.errorCode) == [.none])
        #expect(made.throttleTimeMs == 1000)
        brokers.pass(.seconds(1))
        guard case .deleteTopics(let deleted) = brokers.send(.deleteTopics(delete), version: 5) else {
            throw UnexpectedAnswer(nil)
        }
        #expect(deleted.responses.map(\.errorCode) == [.none])
    }

    @Test func `on the connections of an address`() {
        var brokers = cluster(.connections, 1, for: .init(ip: .standard))
        for (connection, address) in [(UInt64(1), "10.0.0.1"), (2, "10.0.0.1"), (3, "10.0.0.2")] {
            brokers.change { cluster, now, effects in
                cluster.connectionOpened(ConnectionID(connection), address: address, now: now, effects: &effects)
            }
        }
        #expect(brokers.stalled == [2])
        #expect(brokers.closed == [])
        brokers.pass(.seconds(1))
        #expect(brokers.closed == [2])
    }
}

@Suite(.timeLimit(.minutes(5))) struct `A quota on connections` {
    @Test func `closes one too many when its time has come`() async throws {
        try await withBrokers {
            $0.time = .virtual()
        } _: { broker in
            try await broker.setQuota(.connectionsPerSecond, to: 1, address: .named("127.0.0.1"))
            let first = try await TestClient.connect(to: broker)
            _ = try await first.call(.apiVersions(.init()), version: 0)
            let second = try await TestClient.connect(to: broker)
            try await second.request(.apiVersions(.init()), version: 0)
            try await eventually("the second connection is held back") {
                try await broker.onLoop { $0.cluster.nextDeadline } != nil
            }
            try await broker.advance(by: .seconds(1))
            #expect(await second.nextFrame() == nil)
            #expect(second.bytesReceived == 0)
            _ = try await first.call(.apiVersions(.init()), version: 0)
            await #expect(throws: FakeBrokerError.self) {
                try await broker.setQuota(.connectionsPerSecond, to: 1, clientID: .others)
            }
        }
    }
}
