import Connector
import FakeBroker
import FakeGateway
import Kafka
import KafkaConnector
import Logging
import TestSupport
import Testing

/// How far behind the connector says that it is.
@Suite struct LagTests {
    /// librdkafka has enough with what its first fetch brings.
    private static let fetchingLittle = [
        "delivery": "at-least-once", "max_in_flight": "1", "kafka.statistics.interval.ms": "100",
        "kafka.queued.min.messages": "1",
    ]

    private static func function(behind gate: Gate) -> Function {
        Function(
            "f", topic: "t",
            asynchronously: { _ in
                await gate.pass()
                return FunctionReply()
            })
    }

    @Test func `lag is told before the first commit, and of the partitions that are held alone`() async throws {
        let gate = Gate()
        let settings = ["delivery": "at-least-once", "kafka.statistics.interval.ms": "100"]
        try await ConnectorSystem.run(
            settings, functions: [Self.function(behind: gate)], broker: { $0.topics = [.init("t", partitions: 2)] }
        ) { system in
            @Sendable func lags() -> [Double?] {
                (0...1).map { system.metric(#"connector_consumer_lag{topic="t",partition="\#($0)"}"#) }
            }
            try await system.append("a", "b", "c")
            try await system.append("d", "e", partition: 1)
            try await eventually("the lag of what nothing is committed of") { lags() == [3, 2] }
            #expect(try await system.committed() == nil)
            gate.open()
            try await system.until("all calls") { $0.handled == 5 }
            try await eventually("no lag") { lags() == [0, 0] }

            var configuration = Configuration()
            configuration.bootstrapServers = [system.broker.bootstrapServers]
            configuration.groupID = ConnectorSystem.group
            configuration.assignmentStrategies = [.cooperativeSticky]
            let other = try Consumer(configuration: configuration, logger: Logger(label: "other"))
            try await other.subscribe(to: ["t"])
            try await eventually("one partition's is another member's to tell") { lags().count { $0 != nil } == 1 }
            await other.close()
            try await eventually("both are told again") { lags() == [0, 0] }
        }
    }

    @Test func `lag grows while a function keeps its partition from being read`() async throws {
        let gate = Gate()
        try await ConnectorSystem.run(
            Self.fetchingLittle, functions: [Self.function(behind: gate)],
            broker: { $0.topics = [.init("t", partitions: 1)] }
        ) { system in
            @Sendable func lag() -> Double? { system.metric(#"connector_consumer_lag{topic="t",partition="0"}"#) }
            try await system.append("a", "b", "c", "d")
            try await eventually("the lag of what was fetched") { lag() == 4 }
            for round in 1...5 {
                try await system.append("e", "f")
                try await eventually("the lag of what was not") { lag() == Double(4 + 2 * round) }
            }
            gate.open()
            try await system.until("all calls") { $0.handled == 14 }
            try await eventually("no lag") { lag() == 0 }
        }
    }

    @Test func `a partition whose broker is away does not hide how the lag of others grows`() async throws {
        let gate = Gate()
        try await ConnectorSystem.run(
            Self.fetchingLittle, functions: [Self.function(behind: gate)],
            broker: {
                $0.brokers = 2
                $0.topics = [.init("t", partitions: 2, replicationFactor: 1)]
            }
        ) { system in
            @Sendable func lag(_ partition: Int) -> Double? {
                system.metric(#"connector_consumer_lag{topic="t",partition="\#(partition)"}"#)
            }
            for partition in 0...1 { try await system.append("a", "b", "c", "d", partition: partition) }
            try await eventually("both are read") { lag(0) == 4 && lag(1) == 4 }
            let leader = try #require(try await system.broker.leader(topic: "t", partition: 1))
            try await system.broker.stopBroker(leader)
            try await system.append("e", "f")
            try await eventually("the lag of the one that can be asked for") { lag(0) == 6 }
            gate.open()
        }
    }

    @Test(arguments: ["at-most-once", "at-least-once"])
    func `at the end of a topic that is written by transactions there is no lag`(delivery: String) async throws {
        let function = Function("f", topic: "t") { _ in FunctionReply() }
        let settings = ["delivery": delivery, "kafka.statistics.interval.ms": "100", "ordering": "none"]
        try await ConnectorSystem.run(
            settings, functions: [function], broker: { $0.topics = [.init("t", partitions: 1)] }
        ) { system in
            var configuration = Configuration()
            configuration.bootstrapServers = [system.broker.bootstrapServers]
            configuration["transactional.id"] = "writer"
            configuration["transaction.timeout.ms"] = "600000"
            let producer = try Producer(configuration: configuration, logger: Logger(label: "writer"))
            let topic = try producer.topic("t")
            try await producer.initTransactions(timeout: .seconds(240))
            for isCommitted in [true, false, true, false] {
                try producer.beginTransaction()
                for token in 0..<2 { _ = try topic.tryProduce(value: [1], partition: 0, token: UInt(token)) }
                if isCommitted {
                    try await producer.commitTransaction(timeout: .seconds(240))
                } else {
                    try await producer.flush(timeout: .seconds(240))
                    try await producer.abortTransaction(timeout: .seconds(240))
                }
            }
            await producer.close()
            try await system.until("all calls") { $0.handled == 4 }
            #expect(try await system.broker.endOffsets(topic: "t") == [12])
            try await eventually("no lag") {
                system.metric(#"connector_consumer_lag{topic="t",partition="0"}"#) == 0
            }
        }
    }
}
