import TestSupport
import FakeBroker
import Foundation
import Kafka
import Logging
import Synchronization
import Testing

/// This package's own client, on the librdkafka that it is linked to: Debian's 2.0.2.
@Suite(.serialized) struct `FakeBroker serves this package's client` {
    private static let quiet = Logger(label: "client") { _ in SwiftLogNoOpLogHandler() }

    private func producer(
        _ broker: FakeBroker, _ change: (inout Kafka.Configuration) -> Void = { _ in }
    ) throws -> Producer {
        var configuration = Kafka.Configuration()
        configuration.bootstrapServers = [broker.bootstrapServers]
        configuration.linger = .milliseconds(5)
        change(&configuration)
        return try Producer(configuration: configuration, logger: Self.quiet)
    }

    private func consumer(
        _ broker: FakeBroker, logger: Logger = quiet, events: @escaping @Sendable (ConsumerEvent) -> Void = { _ in },
        _ change: (inout Kafka.Configuration) -> Void = { _ in }
    ) async throws -> Consumer {
        var configuration = Kafka.Configuration()
        configuration.bootstrapServers = [broker.bootstrapServers]
        configuration.groupID = "g"
        configuration.autoOffsetReset = .earliest
        configuration.isAutoCommitEnabled = false
        // Members leave by themselves; a machine that stands still for minutes must put out none.
        configuration.sessionTimeout = .seconds(300)
        configuration["heartbeat.interval.ms"] = "200"
        change(&configuration)
        let consumer = try Consumer(configuration: configuration, logger: logger, onEvent: events)
        try await consumer.subscribe(to: ["t"])
        return consumer
    }

    private func read(_ count: Int, _ consumer: Consumer) async throws -> [String] {
        var texts: [String] = []
        while texts.count < count, let batch = try await consumer.nextBatch(max: min(100, count - texts.count)) {
            texts += batch.messages.map { String(decoding: $0.payload ?? [], as: UTF8.self) }
        }
        return texts
    }

    private func send(_ texts: [String], _ producer: Producer) async throws {
        let topic = try producer.topic("t")
        for text in texts { _ = try topic.tryProduce(value: Array(text.utf8), partition: 0, token: 0) }
        // `close` by itself gives up after ten seconds.
        try await producer.flush(timeout: .seconds(600))
        await producer.close()
    }

    @Test(arguments: Kafka.Configuration.Compression.allCases)
    func `Kafka sends and reads records of a codec`(codec: Kafka.Configuration.Compression) async throws {
        try await withFakeBroker({ $0.topics = [.init("t")] }) { broker in
            let texts = (0..<200).map { "value \($0) " + String(repeating: "x", count: 100) }
            try await send(texts, producer(broker) { $0.compression = codec })
            let consumer = try await consumer(broker)
            #expect(try await read(200, consumer) == texts)
            await consumer.close()
        }
    }

    @Test func `Kafka produces idempotently`() async throws {
        try await withFakeBroker({ $0.topics = [.init("t")] }) { broker in
            try await send((0..<3000).map(String.init), producer(broker) { $0.isIdempotent = true })
            #expect(try await broker.endOffsets(topic: "t") == [3000])
        }
    }

    private final class Holding: Sendable {
        private let partitions = Mutex<Set<TopicPartition>>([])
        var held: Set<TopicPartition> { partitions.withLock { $0 } }

        func take(_ event: ConsumerEvent) {
            partitions.withLock {
                switch event {
                case .assigned(let more, _): $0.formUnion(more)
                case .revoked(let fewer, _, _): $0.subtract(fewer)
                default: break
                }
            }
        }
    }

    @Test(arguments: [
        Kafka.Configuration.AssignmentStrategy.range, .roundRobin, .cooperativeSticky,
    ])
    func `Kafka's groups share out by an assignor`(
        strategy: Kafka.Configuration.AssignmentStrategy
    ) async throws {
        try await withFakeBroker({ $0.topics = [.init("t", partitions: 6)] }) { broker in
            let (one, two) = (Holding(), Holding())
            let first = try await consumer(broker, events: one.take) { $0.assignmentStrategies = [strategy] }
            async let firstReads = read(.max, first)
            try await eventually("one has all") { one.held.count == 6 }
            let second = try await consumer(broker, events: two.take) { $0.assignmentStrategies = [strategy] }
            async let secondReads = read(.max, second)
            try await eventually("both have three") {
                one.held.count == 3 && two.held.count == 3 && one.held.isDisjoint(with: two.held)
            }
            await first.close()
            try await eventually("the other has all") { two.held.count == 6 }
            await second.close()
            _ = try await (firstReads, secondReads)
        }
    }

    /// Else the others would wait for it at their next rebalance.
    @Test(arguments: [Kafka.Configuration.AssignmentStrategy.range, .cooperativeSticky])
    func `Kafka's consumer that holds no partition leaves its group as it closes`(
        strategy: Kafka.Configuration.AssignmentStrategy
    ) async throws {
        try await withFakeBroker({ $0.topics = [.init("t")] }) { broker in
            let all = [Holding(), Holding()]
            var consumers: [Consumer] = []
            for holding in all {
                let consumer = try await consumer(broker, events: holding.take) {
                    $0.assignmentStrategies = [strategy]
                    $0.sessionTimeout = .seconds(300)
                }
                consumers.append(consumer)
                try await eventually("it is a member") {
                    let group = try await broker.describeGroup("g")
                    return group?.state == .stable && group?.members.count == consumers.count
                }
            }
            try await eventually("one has the partition") { all.count { $0.held.count == 1 } == 1 }
            let idle = all.firstIndex { $0.held.isEmpty } ?? 0
            await consumers[idle].close()
            #expect(try await broker.describeGroup("g")?.members.count == 1)
            await consumers[1 - idle].close()
            #expect(try await broker.describeGroup("g")?.members.count == 0)
        }
    }

    @Test func `Kafka's consumer that is closed while it joins leaves its group once it has joined`() async throws {
        try await withFakeBroker({ $0.topics = [.init("t")] }) { broker in
            try await broker.setFaults([FaultRule(apis: ["SyncGroup"], delay: .seconds(1))])
            let consumer = try await consumer(broker, events: { _ in }) {
                $0.assignmentStrategies = [.cooperativeSticky]
                $0.sessionTimeout = .seconds(300)
            }
            try await eventually("it has joined, and asks what it shall have") {
                try await broker.journal().contains { $0.api == "SyncGroup" }
            }
            await consumer.close()
            #expect(try await broker.describeGroup("g")?.members.count == 0)
        }
    }

    @Test func `Kafka's static member that holds no partition keeps its place as it closes`() async throws {
        try await withFakeBroker({ $0.topics = [.init("t")] }) { broker in
            let holding = Holding()
            let first = try await consumer(broker, events: holding.take) {
                $0.assignmentStrategies = [.cooperativeSticky]
            }
            try await eventually("the first has the partition") { holding.held.count == 1 }
            let second = try await consumer(broker, events: { _ in }) {
                $0.assignmentStrategies = [.cooperativeSticky]
                $0.groupInstanceID = "second"
                // Longer than any test, so that what ends its place is nothing but its close.
                $0.sessionTimeout = .seconds(300)
            }
            try await eventually("both are members") {
                let group = try await broker.describeGroup("g")
                return group?.state == .stable && group?.members.count == 2
            }
            await second.close()
            #expect(try await broker.describeGroup("g")?.members.map(\.instanceID).contains("second") == true)
            await first.close()
        }
    }

    @Test(arguments: [Kafka.Configuration.AssignmentStrategy.range, .roundRobin])
    func `Kafka's member that got no partition joins again when another comes`(
        strategy: Kafka.Configuration.AssignmentStrategy
    ) async throws {
        try await withFakeBroker({ $0.topics = [.init("t")] }) { broker in
            var consumers: [Consumer] = []
            for count in 1...3 {
                consumers.append(try await consumer(broker, events: { _ in }) { $0.assignmentStrategies = [strategy] })
                try await eventually("\(count) are members") {
                    let group = try await broker.describeGroup("g")
                    return group?.state == .stable && group?.members.count == count
                }
            }
            for consumer in consumers { await consumer.close() }
            #expect(try await broker.describeGroup("g")?.members.count == 0)
        }
    }

    /// librdkafka (2.0.2 to 2.8) forgets a call that reaches it while the group comes to its end, and who made it waits
    /// for ever.
    @Test(arguments: Kafka.Configuration.AssignmentStrategy.allCases, [nil, "one"])
    func `Kafka's consumer closes while what it was assigned waits to be taken`(
        strategy: Kafka.Configuration.AssignmentStrategy, instance: String?
    ) async throws {
        try await withFakeBroker({ $0.topics = [.init("t", partitions: 4)] }) { broker in
            try await broker.setFaults([FaultRule(apis: ["ListOffsets"], delay: .seconds(600))])
            let log = LogBook()
            let consumer = try await consumer(broker, logger: log.logger, events: { _ in }) {
                $0.assignmentStrategies = [strategy]
                $0.groupInstanceID = instance
            }
            try await eventually("it was assigned, and asks where to begin") {
                try await broker.journal().contains { $0.api == "ListOffsets" }
            }
            await consumer.close()
            #expect(!log.text.contains("warning"))
            #expect(try await broker.describeGroup("g")?.members.count == (instance == nil ? 0 : 1))
        }
    }

    /// librdkafka before 2.3.0 ends the process when such a consumer is destroyed.
    @Test func `Kafka's consumer closes before it had an assignment`() async throws {
        try await withFakeBroker({ $0.topics = [.init("t")] }) { broker in
            try await broker.setFaults([FaultRule(apis: ["SyncGroup"], delay: .seconds(600))])
            let consumer = try await consumer(broker, events: { _ in }) {
                $0.assignmentStrategies = [.cooperativeSticky]
            }
            try await eventually("it has joined, and asks what it shall have") {
                try await broker.journal().contains { $0.api == "SyncGroup" }
            }
            await consumer.close()
            #expect(try await consumer.nextBatch(max: 1) == nil)
        }
    }

    @Test func `Kafka's static member comes back to what it had`() async throws {
        try await withFakeBroker({ $0.topics = [.init("t", partitions: 6)] }) { broker in
            let holdings = [Holding(), Holding(), Holding()]
            let one = try await consumer(broker, events: holdings[0].take) { $0.groupInstanceID = "one" }
            async let oneReads = read(.max, one)
            let two = try await consumer(broker, events: holdings[1].take) { $0.groupInstanceID = "two" }
            async let twoReads = read(.max, two)
            try await eventually("both have three") { holdings.prefix(2).allSatisfy { $0.held.count == 3 } }
            let had = holdings[1].held
            let generation = try await broker.describeGroup("g")?.generation
            await two.close()
            let again = try await consumer(broker, events: holdings[2].take) { $0.groupInstanceID = "two" }
            async let againReads = read(.max, again)
            try await eventually("it is back") { holdings[2].held == had }
            #expect(try await broker.describeGroup("g")?.generation == generation)
            await one.close()
            await again.close()
            _ = try await (oneReads, twoReads, againReads)
        }
    }

    @Test func `Kafka goes on where it committed`() async throws {
        try await withFakeBroker({ $0.topics = [.init("t")] }) { broker in
            try await broker.append((0..<20).map { .init("\($0)") }, to: "t")
            let first = try await consumer(broker)
            #expect(try await read(5, first).count == 5)
            let results = try await first.commit([TopicPartitionOffset(TopicPartition("t", 0), 10)])
            #expect(results.map(\.error) == [nil])
            await first.close()
            let second = try await consumer(broker)
            #expect(try await read(10, second) == (10..<20).map(String.init))
            #expect(try await broker.committedOffset(group: "g", topic: "t") == 10)
            await second.close()
        }
    }

    @Test func `Kafka logs in with a password inside TLS`() async throws {
        try await withFakeBroker({
            $0.topics = [.init("t")]
            $0.security.listeners = [.init(.saslSSL)]
            $0.security.users = [.init("alice", password: "secret")]
        }) { broker in
            let ca = try #require(broker.certificateAuthority).certificatePEM
            func secure(_ configuration: inout Kafka.Configuration) {
                configuration["security.protocol"] = "SASL_SSL"
                configuration["sasl.mechanism"] = "SCRAM-SHA-512"
                configuration["sasl.username"] = "alice"
                configuration["sasl.password"] = "secret"
                configuration["ssl.ca.pem"] = ca
            }
            try await send(["one"], producer(broker, secure))
            let consumer = try await consumer(broker, secure)
            #expect(try await read(1, consumer) == ["one"])
            await consumer.close()
        }
    }
}
