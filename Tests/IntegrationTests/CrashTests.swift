import TestSupport
import FakeBroker
import FakeGateway
import Foundation
import Synchronization
import Testing

/// The real process, killed under load.
@Suite struct CrashTests {
    /// Which events a function saw, and which it saw more than once.
    private final class Seen: Sendable {
        private let state = Mutex((events: Set<String>(), twice: [String]()))

        var count: Int { state.withLock { $0.events.count } }
        var twice: [String] { state.withLock { $0.twice } }

        func record(_ request: FunctionRequest) {
            let parts = ["X-Topic", "X-Kafka-Partition", "X-Kafka-Offset"].map { request.header($0) ?? "?" }
            let event = parts.joined(separator: "/")
            state.withLock { state in
                if !state.events.insert(event).inserted { state.twice.append(event) }
            }
        }
    }

    @Test func `killed and started again under load, no function sees an offset twice`() async throws {
        let seen = Seen()
        var brokers = FakeBroker.Configuration()
        brokers.topics = [.init("faas-request", partitions: 4)]
        let broker = try await FakeBroker.start(brokers)
        var functions = FakeGateway.Configuration()
        functions.functions = [
            Function("figlet", topic: "faas-request") { request in
                seen.record(request)
                return FunctionReply("done")
            }
        ]
        let gateway = try await FakeGateway.start(functions)
        let environment = [
            "broker_host": broker.bootstrapServers, "gateway_url": gateway.url, "topics": "faas-request",
            // A dead member must not keep its partitions for long.
            "kafka.session.timeout.ms": "1000", "kafka.heartbeat.interval.ms": "200", "log_level": "error",
        ]

        var sent = 0
        for life in 0..<6 {
            let connector = try await ChildProcess("kafka-connector", environment: environment)
            let before = seen.count
            for partition in 0..<4 {
                let records = (0..<250).map { FakeBroker.Record("life \(life), record \($0)") }
                _ = try await broker.append(records, to: "faas-request", partition: partition)
            }
            sent += 1000
            // In the midst of the load, at another point in each life.
            try await eventually("calls in life \(life)") { seen.count >= before + 50 + life * 37 }
            connector.send(SIGKILL)
            _ = try await connector.waitForExit()
        }

        let connector = try await ChildProcess("kafka-connector", environment: environment)
        try await eventually("the end of the lag") {
            let ends = try await broker.endOffsets(topic: "faas-request")
            let offsets = try await broker.committedOffsets(
                group: "faas-kafka-queue-workers", topic: "faas-request")
            return ends.indices.allSatisfy { offsets[$0] == ends[$0] }
        }
        connector.send(SIGTERM)
        #expect(try await connector.waitForExit() == 0, "\(connector.standardError)")
        #expect(seen.twice == [])
        // What was acknowledged and not yet called when a process died is lost: 6 lives, 64 events in hand at most.
        #expect(seen.count >= sent - 6 * 64)
        await gateway.shutdown()
        await broker.shutdown()
    }
}
