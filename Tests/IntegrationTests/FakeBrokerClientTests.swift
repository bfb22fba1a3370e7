import FakeBroker
import Testing

/// What public clients do, as the scripts in clients/ have it: the same cases for each of them.
///
/// One after another, for each is a process with threads of its own, and timeouts that a crowd would break.
@Suite(.serialized) struct `FakeBroker serves` {
    enum Client: String, CaseIterable, Sendable {
        case confluentKafka = "confluent_kafka"
        case kafkaPython = "kafka_python"
        case aiokafka
    }

    private static let codecs = ["none", "gzip", "snappy", "lz4", "zstd"]

    @Test(arguments: Client.allCases, codecs)
    func `records of every codec`(client: Client, codec: String) async throws {
        try await runClient(client.rawValue, ["codec", codec], { $0.topics = [.init("t")] }) { broker in
            let ends = try await broker.endOffsets(topic: "t")
            #expect(ends == [201])
        }
    }

    @Test(arguments: [
        (Client.confluentKafka, "range"), (.confluentKafka, "roundrobin"), (.confluentKafka, "cooperative-sticky"),
        (.kafkaPython, "range"), (.kafkaPython, "roundrobin"), (.kafkaPython, "sticky"),
        (.kafkaPython, "cooperative-sticky"), (.aiokafka, "range"), (.aiokafka, "roundrobin"), (.aiokafka, "sticky"),
    ])
    func `groups of every assignor`(client: Client, assignor: String) async throws {
        try await runClient(client.rawValue, ["group", assignor], { $0.topics = [.init("t", partitions: 6)] }) {
            broker in
            let group = try #require(try await broker.describeGroup("g"))
            #expect(group.state == .empty)
            #expect(group.generation >= 3)
        }
    }

    @Test(arguments: Client.allCases)
    func `static members`(client: Client) async throws {
        try await runClient(client.rawValue, ["static"], { $0.topics = [.init("t", partitions: 6)] }) { broker in
            let group = try #require(try await broker.describeGroup("g"))
            #expect(Set(group.members.compactMap(\.instanceID)).isSubset(of: ["one", "two"]))
        }
    }

    @Test(arguments: Client.allCases)
    func `groups that go on where they committed`(client: Client) async throws {
        try await runClient(client.rawValue, ["resume"], { $0.topics = [.init("t")] }) { broker in
            let committed = try await broker.committedOffsets(group: "g", topic: "t")
            #expect(committed == [0: 10])
        }
    }

    @Test(arguments: Client.allCases)
    func `idempotent producers`(client: Client) async throws {
        try await runClient(client.rawValue, ["idempotent"], { $0.topics = [.init("t")] }) { broker in
            let journal = try await broker.journal()
            #expect(journal.contains { $0.api == "InitProducerId" })
        }
    }

    @Test(arguments: Client.allCases, ["0", "1", "all"])
    func `every kind of acknowledgement`(client: Client, acks: String) async throws {
        try await runClient(client.rawValue, ["acks", acks], { $0.topics = [.init("t")] })
    }

    @Test(arguments: Client.allCases)
    func `records near the largest batch`(client: Client) async throws {
        try await runClient(client.rawValue, ["large"], { $0.topics = [.init("t")] })
    }

    @Test(arguments: Client.allCases)
    func `topics that come and go`(client: Client) async throws {
        try await runClient(client.rawValue, ["topics"], { $0.brokers = 3 }) { broker in
            let topics = try await broker.topics()
            #expect(topics == [])
        }
    }

    @Test(arguments: Client.allCases)
    func `offsets by time`(client: Client) async throws {
        try await runClient(client.rawValue, ["times"], { $0.topics = [.init("t")] })
    }

    @Test(arguments: Client.allCases)
    func `groups over three brokers`(client: Client) async throws {
        try await runClient(
            client.rawValue, ["group", "range"],
            {
                $0.brokers = 3
                $0.topics = [.init("t", partitions: 6)]
            })
    }
}
