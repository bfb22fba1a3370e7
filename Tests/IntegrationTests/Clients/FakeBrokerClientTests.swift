import FakeBroker
import Testing

/// What public clients do, as the scripts in clients/ have it: the same cases for each of them.
///
/// One after another, for each is a process with threads of its own, and timeouts that a crowd would break.
@Suite(.serialized) struct `FakeBroker serves` {
    /// - Parameter check: What must hold of the cluster afterwards.
    private func run(
        _ client: ClientScript, _ words: [String], _ change: (inout FakeBroker.Configuration) -> Void,
        check: (FakeBroker) async throws -> Void = { _ in }
    ) async throws {
        try await withFakeBroker({ configuration in
            // A group formed within 100 ms is one too soon for kafka-python 3.0: it has not asked for the topic's
            // partitions yet, shares out none, and does not look again. Kafka's own delay (3 s) hides that.
            if client == .kafkaPython { configuration.groupInitialRebalanceDelay = .milliseconds(500) }
            change(&configuration)
        }) { broker in
            try await client.run(words, against: broker)
            try await check(broker)
        }
    }

    private static let codecs = ["none", "gzip", "snappy", "lz4", "zstd"]

    @Test(arguments: ClientScript.allCases, codecs)
    func `records of every codec`(client: ClientScript, codec: String) async throws {
        try await run(client, ["codec", codec], { $0.topics = [.init("t")] }) { broker in
            let ends = try await broker.endOffsets(topic: "t")
            #expect(ends == [201])
        }
    }

    @Test(arguments: [
        (ClientScript.confluentKafka, "range"), (.confluentKafka, "roundrobin"),
        (.confluentKafka, "cooperative-sticky"),
        (.kafkaPython, "range"), (.kafkaPython, "roundrobin"), (.kafkaPython, "sticky"),
        (.kafkaPython, "cooperative-sticky"), (.aiokafka, "range"), (.aiokafka, "roundrobin"), (.aiokafka, "sticky"),
    ])
    func `groups of every assignor`(client: ClientScript, assignor: String) async throws {
        try await run(client, ["group", assignor], { $0.topics = [.init("t", partitions: 6)] }) {
            broker in
            let group = try #require(try await broker.describeGroup("g"))
            #expect(group.state == .empty)
            #expect(group.generation >= 3)
        }
    }

    @Test(arguments: ClientScript.allCases)
    func `static members`(client: ClientScript) async throws {
        try await run(client, ["static"], { $0.topics = [.init("t", partitions: 6)] }) { broker in
            let group = try #require(try await broker.describeGroup("g"))
            #expect(Set(group.members.compactMap(\.instanceID)).isSubset(of: ["one", "two"]))
        }
    }

    @Test(arguments: ClientScript.allCases)
    func `groups that go on where they committed`(client: ClientScript) async throws {
        try await run(client, ["resume"], { $0.topics = [.init("t")] }) { broker in
            let committed = try await broker.committedOffsets(group: "g", topic: "t")
            #expect(committed == [0: 10])
        }
    }

    @Test(arguments: ClientScript.allCases)
    func `idempotent producers`(client: ClientScript) async throws {
        try await run(client, ["idempotent"], { $0.topics = [.init("t")] }) { broker in
            let journal = try await broker.journal()
            #expect(journal.contains { $0.api == "InitProducerId" })
        }
    }

    @Test(arguments: ClientScript.allCases, ["0", "1", "all"])
    func `every kind of acknowledgement`(client: ClientScript, acks: String) async throws {
        try await run(client, ["acks", acks], { $0.topics = [.init("t")] })
    }

    @Test(arguments: ClientScript.allCases)
    func `records near the largest batch`(client: ClientScript) async throws {
        try await run(client, ["large"], { $0.topics = [.init("t")] })
    }

    @Test(arguments: ClientScript.allCases)
    func `topics that come and go`(client: ClientScript) async throws {
        try await run(client, ["topics"], { $0.brokers = 3 }) { broker in
            let topics = try await broker.topics()
            #expect(topics == [])
        }
    }

    @Test(arguments: ClientScript.allCases)
    func `offsets by time`(client: ClientScript) async throws {
        try await run(client, ["times"], { $0.topics = [.init("t")] })
    }

    @Test(arguments: ClientScript.allCases)
    func `groups over three brokers`(client: ClientScript) async throws {
        try await run(
            client, ["group", "range"],
            {
                $0.brokers = 3
                $0.topics = [.init("t", partitions: 6)]
            })
    }
}
