import Connector
import FakeBroker
import Kafka
import KafkaSource
import TestSupport
import Testing

/// Where a source begins to read what it is assigned.
@Suite struct StartTests {
    /// librdkafka, left to itself, would ask again when the late answer comes, and go on where that says.
    @Test(arguments: [Configuration.AutoOffsetReset.earliest, .latest])
    func `a late answer about a partition that went and came back moves nothing`(
        reset: Configuration.AutoOffsetReset
    ) async throws {
        let world = try await World(partitions: 2)
        let late = Duration.seconds(4)
        let asked = Mutexed<Set<String>>([])
        try await world.broker.intercept { request in
            guard request.api == "ListOffsets", let client = request.clientID else { return .handle }
            let isFirst = !asked.value.contains(client)
            asked.change { $0.insert(client) }
            return client == "first" && isFirst ? .delay(late) : .handle
        }
        let (first, notices) = try await world.source {
            $0.initialOffset = reset
            $0.properties.append(.init(name: "client.id", value: "first"))
        }
        let events = Mutexed<[String]>([])
        let reading = Task {
            while let batch = try await first.next(limit: 64) {
                let own = await first.acknowledge(batch).acknowledged
                events.change { $0 += own.map { "\($0.id.partition): \($0.text ?? "")" } }
            }
        }
        try await eventually("the first asks where they begin") { asked.value.contains("first") }

        let (second, secondNotices) = try await world.source {
            $0.properties.append(.init(name: "client.id", value: "second"))
        }
        async let theirs = second.events(3)
        try await eventually("each has one") { notices.held.count == 1 && secondNotices.held.count == 1 }
        let moved = Int(secondNotices.held[0])
        try await world.append(["a", "b", "c"], partition: moved)
        #expect(await second.acknowledge(try await theirs).acknowledged.count == 3)
        try await world.append(["d"], partition: moved)
        await second.close()

        // Long enough for the late answer, and for librdkafka to ask again half a second later.
        let end = ContinuousClock.now + late + .seconds(2)
        try await eventually("the late answer has come") { ContinuousClock.now >= end }
        try await world.append(["e"], partition: moved)
        try await eventually("the last is read") { events.value.contains("\(moved): e") }
        #expect(events.value.filter { $0.hasPrefix("\(moved):") } == ["\(moved): d", "\(moved): e"])
        await first.close()
        try await reading.value
    }

    /// Without a commit the next owner would begin at a later end.
    @Test(arguments: [false, true])
    func `with newest, what was read and not handled comes again`(isAtLeastOnce: Bool) async throws {
        let world = try await World()
        try await world.append(["before"])
        func source() async throws -> KafkaSource {
            let (source, notices) = try await world.source {
                $0.delivery = isAtLeastOnce ? .atLeastOnce : .atMostOnce
                $0.initialOffset = .latest
            }
            try await eventually("it is assigned") { notices.held == [0] }
            return source
        }
        let first = try await source()
        #expect(try await world.committed() == 1)
        try await world.append(["a", "b"])
        #expect(try await first.events(2).map(\.text) == ["a", "b"])
        await first.close()
        let second = try await source()
        #expect(try await second.events(2).map(\.text) == ["a", "b"])
        await second.close()
    }

    @Test func `with newest, a start that cannot be committed is told, and reading begins all the same`() async throws {
        let world = try await World()
        try await world.failCommits([.unknownServerError])
        let (source, notices) = try await world.source { $0.initialOffset = .latest }
        try await eventually("it is assigned") { notices.held == [0] }
        #expect(notices.all.contains { "\($0)".contains("committing offsets of group group") })
        #expect(try await world.committed() == nil)
        try await world.append(["a"])
        #expect(try await source.events(1).map(\.text) == ["a"])
        await source.close()
    }

    /// As where no broker said in time where the partition begins: librdkafka finds out alone, and commits nothing.
    @Test func `at least once with newest, what was handed out comes again, though no start was committed`()
        async throws
    {
        let world = try await World()
        func source() async throws -> KafkaSource {
            let (source, notices) = try await world.source {
                $0.delivery = .atLeastOnce
                $0.initialOffset = .latest
            }
            try await eventually("it is assigned") { notices.held == [0] }
            return source
        }
        try await world.append(["before"])
        try await world.failCommits([.unknownServerError])
        let first = try await source()
        #expect(try await world.committed() == nil)
        try await world.append(["a", "b"])
        #expect(try await first.events(2).map(\.text) == ["a", "b"])
        try await eventually("the place is committed") { try await world.committed() == 1 }
        await first.close()
        let second = try await source()
        #expect(try await second.events(2).map(\.text) == ["a", "b"])
        await second.close()
    }

    /// What librdkafka fetched when it was here before lies in its queue still, which then wakes nobody.
    @Test func `a partition that comes back is read from at once`() async throws {
        let world = try await World()
        try await world.append((0..<500).map(String.init))
        let (source, notices) = try await world.source {
            // Nothing else is to wake the consumer: without a wake it looks every 30 s.
            $0.properties.append(.init(name: "statistics.interval.ms", value: "3600000"))
        }
        #expect(await source.acknowledge(try await source.events(1)).acknowledged.count == 1)
        try await source.subscribe(to: [])
        try await eventually("given back") { notices.held == [] }
        let reading = Task { try await source.events(1) }
        let start = ContinuousClock.now
        try await source.subscribe(to: [World.topic])
        #expect(try await reading.value.map(\.text) == ["1"])
        #expect(ContinuousClock.now - start < .seconds(25))
        await source.close()
    }

    /// What was fetched of it kept librdkafka from ending: its queue refers to the partition.
    @Test func `a source ends though one of its topics was deleted`() async throws {
        let world = try await World(topics: ["kept", "deleted"])
        try await world.broker.append((0..<500).map { FakeBroker.Record("\($0)") }, to: "deleted")
        let (source, notices) = try await world.source(of: ["kept", "deleted"]) {
            $0.properties.append(.init(name: "topic.metadata.refresh.interval.ms", value: "200"))
        }
        #expect(await source.acknowledge(try await source.events(1)).acknowledged.count == 1)
        try await world.broker.deleteTopic("deleted")
        try await eventually("its partition is given up") { notices.held.count == 1 }
        let start = ContinuousClock.now
        await source.close()
        // Else it would be left behind after 10 s.
        #expect(ContinuousClock.now - start < .seconds(8))
    }

    @Test func `why no broker takes the connection is told`() async throws {
        let world = try await World {
            $0.security.listeners = [.init(.saslPlaintext)]
            $0.security.users = [.init("alice", password: "secret")]
        }
        let (source, notices) = try await world.source()
        try await eventually("a hint at what is missing") {
            notices.all.contains { "\($0)".contains("might require SASL authentication") }
        }
        await source.close()
    }

    @Test func `credentials that changed before the start are those it logs in with`() async throws {
        var configuration = FakeBroker.Configuration()
        configuration.topics = [.init("t")]
        configuration.security.listeners = [.init(.saslPlaintext)]
        configuration.security.users = [.init("alice", password: "new")]
        let broker = try await FakeBroker.start(configuration, logger: quiet)
        try await broker.append([FakeBroker.Record("a")], to: "t")
        var settings = KafkaSourceConfiguration(brokers: [broker.bootstrapServers], group: "group")
        settings.initialOffset = .earliest
        settings.properties = [
            .init(name: "security.protocol", value: "sasl_plaintext"), .init(name: "sasl.mechanism", value: "PLAIN"),
            .init(name: "sasl.username", value: "alice"), .init(name: "sasl.password", value: "old"),
        ]
        let source = try KafkaSource(settings, logger: quiet)
        try await source.setCredentials(user: "alice", password: "new")
        try await source.start(topics: ["t"]) { _ in }
        #expect(try await source.events(1).map(\.text) == ["a"])
        await source.close()
        await broker.shutdown()
    }
}
