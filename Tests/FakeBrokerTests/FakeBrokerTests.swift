import KafkaProtocol
import Testing

@testable import FakeBroker

@Suite struct `A fake broker` {
    @Test func `has an address for each broker`() async throws {
        try await withBrokers({ $0.brokers = 3 }) { broker in
            let servers = broker.bootstrapServers.split(separator: ",")
            #expect(servers.count == 3)
            #expect(Set(servers).count == 3)
            #expect(servers.allSatisfy { $0.hasPrefix("127.0.0.1:") })
        }
    }

    @Test func `takes records and gives them back`() async throws {
        try await withBrokers { broker in
            try await broker.createTopic("t", partitions: 2)
            #expect(try await broker.topics() == ["t"])
            let record = FakeBroker.Record(
                key: [1], value: [2, 3], headers: [.init("h", [4]), .init("h", nil)], timestamp: 42)
            #expect(try await broker.append([.init("a"), record], to: "t", partition: 1) == 0)
            #expect(try await broker.append([.init(value: nil)], to: "t", partition: 1) == 2)
            #expect(try await broker.endOffsets(topic: "t") == [0, 3])
            let records = try await broker.records(topic: "t", partition: 1)
            #expect(records.map(\.offset) == [0, 1, 2])
            #expect(records[0].text == "a")
            #expect(records[1].key == [1])
            #expect(records[1].value == [2, 3])
            #expect(records[1].headers == record.headers)
            #expect(records[1].timestamp == 42)
            #expect(records[2].value == nil)
            #expect(try await broker.records(topic: "t", partition: 1, from: 1, limit: 1).map(\.offset) == [1])
            try await broker.deleteTopic("t")
            #expect(try await broker.topics() == [])
        }
    }

    @Test func `says what is wrong with a request`() async throws {
        try await withBrokers { broker in
            try await broker.createTopic("t")
            func message(_ body: () async throws -> Void) async -> String {
                do { try await body() } catch { return "\(error)" }
                return ""
            }
            #expect(await message { try await broker.createTopic("t") }.contains("'t' already exists"))
            #expect(await message { try await broker.createTopic("a b") }.contains("'a b' is not valid"))
            #expect(await message { try await broker.deleteTopic("x") }.contains("no topic 'x'"))
            #expect(await message { _ = try await broker.endOffsets(topic: "x") }.contains("no topic 'x'"))
            #expect(
                await message { _ = try await broker.records(topic: "t", partition: 1) }.contains("no partition 1"))
            #expect(await message { try await broker.stopBroker(2) }.contains("no broker 2"))
        }
    }

    @Test func `does not start with a configuration that makes no sense`() async {
        func message(_ change: (inout FakeBroker.Configuration) -> Void) async -> String {
            do { try await withBrokers(change) { _ in } } catch { return "\(error)" }
            return ""
        }
        #expect(await message { $0.brokers = 0 }.contains("brokers is 0"))
        #expect(await message { $0.ports = [1, 2] }.contains("ports"))
        #expect(await message { $0.ports = [65_536] }.contains("65536"))
        #expect(await message { $0.defaultPartitions = 0 }.contains("defaultPartitions is 0"))
        #expect(await message { $0.defaultReplicationFactor = 2 }.contains("defaultReplicationFactor is 2"))
        #expect(await message { $0.topics = [.init("a b")] }.contains("topics is 'a b'"))
        #expect(await message { $0.topics = [.init("t", replicationFactor: 2)] }.contains("with 2 replicas"))
        #expect(await message { $0.host = "192.0.2.1" }.contains("Broker 1 cannot listen on 192.0.2.1:0"))
    }

    @Test func `does not start on a port that is taken`() async throws {
        try await withBrokers { first in
            let port = Int(first.bootstrapServers.split(separator: ":")[1]) ?? 0
            await #expect(throws: FakeBrokerError.self) { try await withBrokers({ $0.ports = [port] }) { _ in } }
        }
    }

    @Test func `can be shut down twice, and then does nothing more`() async throws {
        let broker = try await FakeBroker.start()
        await broker.shutdown()
        await broker.shutdown()
        await #expect(throws: FakeBrokerError.self) { try await broker.createTopic("t") }
    }

    @Test func `stops a broker and starts it on the same port`() async throws {
        try await withBrokers({ $0.brokers = 2 }) { broker in
            let client = try await TestClient.connect(to: broker, at: 1)
            try await broker.stopBroker(2)
            try await broker.stopBroker(2)
            #expect(await client.nextFrame() == nil)
            await #expect(throws: (any Error).self) { try await TestClient.connect(to: broker, at: 1) }
            try await broker.startBroker(2)
            try await broker.startBroker(2)
            let again = try await TestClient.connect(to: broker, at: 1)
            guard case .metadata(let metadata) = try await again.call(.metadata(.init())) else { return }
            #expect(metadata.brokers.map(\.nodeID) == [1, 2])
        }
    }

    @Test func `closes the connections of one client`() async throws {
        try await withBrokers { broker in
            let client = try await TestClient.connect(to: broker)
            _ = try await client.call(.metadata(.init()))
            #expect(try await broker.closeConnections(ofClient: "someone else") == 0)
            #expect(try await broker.closeConnections(ofClient: "test", toBroker: 1) == 1)
            #expect(await client.nextFrame() == nil)
        }
    }

    @Test func `lets a test look at requests and meddle with them`() async throws {
        try await withBrokers { broker in
            let client = try await TestClient.connect(to: broker)
            try await broker.intercept { $0.api == "ApiVersions" ? .fail(.unknownServerError) : .handle }
            let first = try await client.call(.apiVersions(.init()), version: 2)
            guard case .apiVersions(let failed) = first else { return }
            #expect(failed.errorCode == .unknownServerError)
            try await broker.intercept(nil)
            let second = try await client.call(.apiVersions(.init()), version: 2)
            guard case .apiVersions(let fine) = second else { return }
            #expect(fine.errorCode == .none)
            let journal = try await broker.journal()
            #expect(journal.map(\.api) == ["ApiVersions", "ApiVersions"])
            #expect("\(journal[0])".contains("UNKNOWN_SERVER_ERROR"))
        }
    }
}
