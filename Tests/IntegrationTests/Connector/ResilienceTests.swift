import Connector
import FakeBroker
import FakeGateway
import Foundation
import KafkaConnector
import Synchronization
import TestSupport
import Testing

/// What the connector gets over: a gateway or brokers that are away or talk nonsense, a group that is restless.
@Suite struct ResilienceTests {
    private static let echo = Function("echo", topic: "t") { FunctionReply($0.text) }

    // MARK: The gateway

    @Test(arguments: [
        Fault.dropBeforeRun, .status(500, text: "down"), .listing(.notJSON), .unauthorized, .truncate(after: 3),
        .status(404),
    ])
    func `a listing that fails keeps the last map, and the first is waited for`(fault: Fault) async throws {
        let isFailing = Box(true)
        try await ConnectorSystem.run(
            functions: [Self.echo],
            gateway: { $0.faults = [FaultRule(fault, path: "/system/functions", count: 2)] }
        ) { system in
            // Nothing is consumed before the first map, so nothing is lost to an empty one.
            try await system.append("a")
            try await system.until("the first call") { $0.handled == 1 }
            try await system.gateway.setFaults { request in
                isFailing.value && request.target.hasPrefix("/system/functions") ? fault : nil
            }
            let failures = system.metric("connector_topic_map_errors_total") ?? 0
            #expect(failures >= 1)
            #expect(system.log.text.contains("Syncing topic map failed, no events are taken before the first: "))
            try await eventually("more failures") {
                (system.metric("connector_topic_map_errors_total") ?? 0) > failures + 2
            }
            try await system.append("b")
            try await system.until("the second call") { $0.handled == 2 }
            #expect(system.ledger.account.skipped.isEmpty)
            #expect(system.log.text.contains("Syncing topic map failed, the last one stays"))
            isFailing.set(false)
            let syncs = system.metric("connector_topic_map_syncs_total") ?? 0
            try await eventually("syncs again") { (system.metric("connector_topic_map_syncs_total") ?? 0) > syncs }
        }
    }

    @Test func `a gateway that goes away and comes back loses nothing at least once`() async throws {
        let isDown = Box(false)
        try await ConnectorSystem.run(
            ["delivery": "at-least-once", "retry_attempts": "1000"], functions: [Self.echo]
        ) { system in
            try await system.gateway.setFaults { _ in isDown.value ? .dropBeforeRun : nil }
            try await system.append("a")
            try await system.until("a call") { $0.handled == 1 }
            isDown.set(true)
            try await system.append("b", "c")
            try await system.until("calls that fail") { ($0.failuresByKind[.connectionLost] ?? 0) > 5 }
            #expect(try await system.committed() ?? 0 <= 1)
            isDown.set(false)
            try await system.until("the rest") { $0.handled == 3 }
            try await eventually("all is committed") { try await system.committed() == 3 }
            #expect(system.ledger.account.gaveUp.isEmpty)
        }
    }

    @Test func `at most once, a gateway that is away costs what was handed over, by reason`() async throws {
        try await ConnectorSystem.run(functions: [Self.echo]) { system in
            try await system.gateway.setFaults { $0.function == nil ? nil : .dropBeforeRun }
            try await system.append("a")
            try await system.until("it is given up") { $0.gaveUp[.noReply] == 1 && $0.handled == 1 }
            #expect(system.metric(#"connector_dropped_total{reason="no_reply"}"#) == 1)
            try await system.gateway.setFaults { _ in nil }
            try await system.append("b")
            try await system.until("the next") { $0.repliesByStatus[200] == 1 }
        }
    }

    /// What a gateway that scales from zero answers while its provider is down, for functions that are there.
    @Test func `a 404 of a function that is listed is tried again`() async throws {
        try await ConnectorSystem.run(["delivery": "at-least-once"], functions: [Self.echo]) { system in
            try await system.gateway.setFaults([FaultRule(.status(404), path: "/function/", count: 3)])
            try await system.append("a")
            try await system.until("it is taken") { $0.handled == 1 }
            #expect(system.ledger.account.repliesByStatus == [404: 3, 200: 1])
            #expect(system.ledger.account.gaveUp.isEmpty)
        }
    }

    @Test func `a function that vanished is a counted drop`() async throws {
        try await ConnectorSystem.run(["delivery": "at-least-once", "retry_attempts": "1000"], functions: [Self.echo]) {
            system in
            try await system.gateway.setFaults { $0.function == nil ? nil : .status(404) }
            try await system.append("a")
            try await system.until("a try") { ($0.repliesByStatus[404] ?? 0) > 0 }
            try await system.gateway.remove("echo")
            try await system.until("it is given up") { $0.gaveUp[.functionVanished] == 1 && $0.handled == 1 }
            try await system.append("b")
            try await system.until("nobody wants the next") { $0.skipped[.noFunction] == 1 }
        }
    }

    @Test func `a function scaled to zero is woken by its call`() async throws {
        try await ConnectorSystem.run(
            functions: [Self.echo], gateway: { $0.coldStart = .milliseconds(200) }
        ) { system in
            try await system.gateway.scale("echo", to: 0)
            try await system.append("a")
            try await system.until("it is called") { $0.repliesByStatus == [200: 1] }
        }
    }

    // MARK: The brokers

    @Test func `brokers that are down at the start are waited for`() async throws {
        try await ConnectorSystem.run(functions: [Self.echo], before: { try await $0.stopBroker(1) }) { system in
            try await eventually("the failure is told") { system.log.text.contains("warning") }
            #expect(system.service.metrics.missing != nil)
            try await system.broker.startBroker(1)
            try await system.append("a")
            try await system.until("the call") { $0.handled == 1 }
            #expect(system.service.metrics.missing == nil)
        }
    }

    @Test(arguments: ["at-most-once", "at-least-once"])
    func `brokers that go away are told, and what waits meanwhile is handled when they are back`(
        delivery: String
    ) async throws {
        let seen = Seen()
        let gate = Gate()
        let function = Function(
            "f", topic: "t",
            asynchronously: { request in
                seen.note(request)
                if request.text == "slow" { await gate.pass() }
                return FunctionReply()
            })
        let settings = ["delivery": delivery, "kafka.statistics.interval.ms": "100"]
        try await ConnectorSystem.run(
            settings, functions: [function],
            broker: {
                $0.brokers = 2
                $0.topics = [.init("t", partitions: 2, replicationFactor: 1)]
            }
        ) { system in
            // One on each partition, so that both brokers are in use; one is under way when they go.
            try await system.append("a")
            try await system.append("slow", partition: 1)
            try await system.until("one is handled") { $0.handled == 1 && $0.inFlight == 1 }
            #expect(system.metric("connector_source_connected") == 1)
            #expect(system.service.metrics.missing == nil)
            for broker in 1...2 { try await system.broker.stopBroker(broker) }
            for partition in 0...1 {
                try await system.broker.append((0..<50).map { .init("\($0)") }, to: "t", partition: partition)
            }
            try await eventually("it is told") {
                system.metric("connector_source_connected") == 0
            }
            #expect(system.service.metrics.missing == "no broker is reached")
            #expect(system.log.text.contains("warning Disconnected: "))
            gate.open()
            try await system.until("the call ends") { $0.handled == 2 }
            for broker in 1...2 { try await system.broker.startBroker(broker) }
            try await eventually("that they are back is told") {
                system.metric("connector_source_connected") == 1
            }
            #expect(system.service.metrics.missing == nil)
            try await system.until("all are handled") { $0.handled == 102 }
            for partition in 0...1 {
                try await eventually("all are committed") { try await system.committed(partition: partition) == 51 }
            }
            #expect(system.metric(#"kafka_connector_consumer_group_connect{group="group"}"#) == 2)
            #expect(system.ledger.account.isBalanced)
            #expect(system.ledger.account.dropped.isEmpty && system.ledger.account.refused.isEmpty)
        }
        #expect(seen.count == 102)
        #expect(seen.twice == [])
    }

    // MARK: The group

    @Test func `in a storm of rebalances no function sees an offset twice, and none is missed`() async throws {
        let seen = Seen()
        let function = Function("f", topic: "t") { request in
            seen.note(request)
            return FunctionReply()
        }
        try await ConnectorSystem.run(functions: [function], broker: { $0.topics = [.init("t", partitions: 4)] }) {
            system in
            for round in 0..<12 {
                for partition in 0..<4 {
                    try await system.broker.append(
                        (0..<20).map { .init("\(round)/\($0)") }, to: "t", partition: partition)
                }
                // A second member comes and goes, in the midst of the load.
                let other = try await ChildProcess(
                    "kafka-connector",
                    environment: [
                        "broker_hosts": system.broker.bootstrapServers, "gateway_url": system.gateway.url,
                        "topics": "t", "group": ConnectorSystem.group, "log_level": "info",
                        "kafka.heartbeat.interval.ms": "50",
                    ])
                try await eventually("it is a member") { other.standardError.contains("Rebalanced: [t") }
                other.send(SIGTERM)
                #expect(try await other.waitForExit() == 0)
            }
            try await eventually("all are seen") { seen.count == 12 * 80 }
        }
        #expect(seen.twice == [])
    }

    @Test func `a session that expires during a slow function gives its event to the next owner`() async throws {
        let calls = Box(0)
        let slow = Function(
            "slow", topic: "t",
            asynchronously: { request in
                calls.set(calls.value + 1)
                if calls.value == 1 { try await ContinuousClock().sleep(for: .milliseconds(800)) }
                return FunctionReply()
            })
        try await ConnectorSystem.run(
            ["delivery": "at-least-once", "kafka.session.timeout.ms": "200", "kafka.heartbeat.interval.ms": "50"],
            functions: [slow]
        ) { system in
            try await system.append("a")
            try await eventually("the call is under way") { calls.value == 1 }
            let isAway = Box(true)
            try await system.broker.intercept { request in
                isAway.value && request.api == "Heartbeat" ? .drop : .handle
            }
            try await eventually("the session has expired") {
                try await system.broker.describeGroup(ConnectorSystem.group)?.members.isEmpty ?? true
            }
            isAway.set(false)
            // Its settlement comes too late, so the event is delivered again, to this member as it happens.
            try await system.until("it is handled") { $0.handled + $0.returned >= 2 }
            try await eventually("it is committed") { try await system.committed() == 1 }
            #expect(calls.value == 2)
        }
    }

    @Test func `more replicas than partitions: one works, the other is ready and waits`() async throws {
        try await ConnectorSystem.run(functions: [Self.echo]) { system in
            try await eventually("the first has the partition") { system.metric("connector_assigned_partitions") == 1 }
            let other = try await ChildProcess(
                "kafka-connector",
                environment: [
                    "broker_hosts": system.broker.bootstrapServers, "gateway_url": system.gateway.url, "topics": "t",
                    "group": ConnectorSystem.group, "kafka.heartbeat.interval.ms": "50",
                ])
            let address = try await other.statusAddress()
            try await eventually("both are members") {
                try await system.broker.describeGroup(ConnectorSystem.group)?.members.count == 2
            }
            try await eventually("the other is ready") {
                try await Command.run(["curl", "-s", "\(address)/readyz"]).text == "ok\n"
            }
            try await system.append("a")
            try await eventually("one of them calls") {
                try await system.gateway.calls(of: "echo.openfaas-fn").count == 1
            }
            other.send(SIGTERM)
            #expect(try await other.waitForExit() == 0)
        }
    }
}

/// Which events a function saw, and which it saw more than once.
final class Seen: Sendable {
    private let state = Mutex((events: Set<String>(), twice: [String]()))

    var count: Int { state.withLock { $0.events.count } }
    var twice: [String] { state.withLock { $0.twice } }

    func note(_ request: FunctionRequest) {
        let parts = ["X-Topic", "X-Kafka-Partition", "X-Kafka-Offset"].map { request.header($0) ?? "?" }
        state.withLock { state in
            if !state.events.insert(parts.joined(separator: "/")).inserted {
                state.twice.append(parts.joined(separator: "/"))
            }
        }
    }
}
