import FakeGateway
import Foundation
import RabbitMQSource
import RabbitMQTesting
import Synchronization
import TestSupport
import Testing

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The real connector on the real server, and both killed in turn under load.
@Suite(.serialized) struct CrashTests {
    private static let rounds = 4
    private static let messagesInRound = 200
    private static let maxInFlight = 32
    private static let queue = "faas-request"

    /// How often the function saw each message.
    private final class Seen: Sendable {
        private let state = Mutex((calls: 0, byMessage: [String: Int]()))

        var calls: Int { state.withLock { $0.calls } }
        var messages: Int { state.withLock { $0.byMessage.count } }
        var moreThanOnce: [String] { state.withLock { $0.byMessage.filter { $0.value > 1 }.keys.sorted() } }

        func record(_ id: String) {
            state.withLock { state in
                state.calls += 1
                state.byMessage[id, default: 0] += 1
            }
        }
    }

    private enum Victim { case connector, server }

    @Test(arguments: [QueueType.quorum, .classic])
    func `at most once, no function sees a message twice when connectors are killed`(type: QueueType) async throws {
        let (seen, sent) = try await rounds(delivery: "at-most-once", type, [.connector])
        #expect(seen.moreThanOnce == [])
        // What was acknowledged and not yet called for when the connector died.
        #expect(seen.messages >= sent - Self.rounds * Self.maxInFlight)
    }

    /// A classic queue forgets acknowledgements with a killed server: docs/rabbitmq.md.
    @Test func `at most once, of a quorum queue, no function sees a message twice, whoever is killed`() async throws {
        let (seen, sent) = try await rounds(delivery: "at-most-once", .quorum, [.server, .connector])
        #expect(seen.moreThanOnce == [])
        #expect(seen.messages >= sent - Self.rounds * Self.maxInFlight)
    }

    @Test(arguments: [QueueType.quorum, .classic])
    func `at least once, no message is lost, whoever is killed`(type: QueueType) async throws {
        let (seen, sent) = try await rounds(delivery: "at-least-once", type, [.connector, .server])
        #expect(seen.messages == sent)
    }

    /// Kills the victims by turns, each while messages are under way, and lets the last work off what is left.
    private func rounds(
        delivery: String, _ type: QueueType, _ victims: [Victim]
    ) async throws -> (Seen, sent: Int) {
        let process = try await RabbitMQProcess.running()
        _ = try await process.administer { try $0.declare(queue: Self.queue, isPassive: false, type: type, on: 1) }
        if type == .quorum { try await process.waitUntilRegistered(Self.queue) }
        let seen = Seen()
        var functions = FakeGateway.Configuration()
        functions.functions = [
            Function(
                "figlet", topic: Self.queue,
                asynchronously: { request in
                    seen.record(request.header("X-Rabbitmq-Msg-Id") ?? "?")
                    // So that either dies with calls under way.
                    try await ContinuousClock().sleep(for: .milliseconds(5))
                    return FunctionReply("done")
                })
        ]
        let gateway = try await FakeGateway.start(functions)
        let environment = [
            "broker_url": "amqp://guest:guest@127.0.0.1:\(process.port)", "gateway_url": gateway.url,
            "topics": Self.queue, "delivery": delivery, "ordering": "none", "log_level": "warning",
            "status_listen": "off", "max_in_flight": "\(Self.maxInFlight)", "rebuild_interval": "200ms",
            "drain_timeout": "5s",
        ]
        var connector = try await ChildProcess("rabbitmq-connector", environment: environment)
        var sent = 0
        for round in 0..<Self.rounds {
            // Before they are published: on a busy machine all of them may have been called for once that returns.
            let before = seen.calls
            try await process.publish(sent..<(sent + Self.messagesInRound), to: Self.queue)
            sent += Self.messagesInRound
            try await eventually(
                "calls are under way in round \(round)", within: .seconds(180),
                state: {
                    ": \(seen.calls - before) calls, \(seen.messages) of \(sent) seen; \(connector.standardError)"
                }
            ) { seen.calls >= before + 20 + round * 7 }
            switch victims[round % victims.count] {
            case .connector:
                connector.send(SIGKILL)
                _ = try await connector.waitForExit()
                connector = try await ChildProcess("rabbitmq-connector", environment: environment)
            case .server:
                try process.kill()
                try await eventually("the server is gone") {
                    (try? await process.administer { _ in true }) == nil
                }
                try process.start()
                try await process.waitUntilUp()
            }
        }
        let fewest = sent - Self.rounds * Self.maxInFlight
        var (left, problem) = (0, "")
        let state = {
            ": \(left) are left, \(seen.messages) of \(sent) were seen, \(problem); the connector "
                + "\(connector.isRunning ? "runs" : "has ended"): \(connector.standardError)"
        }
        try await eventually(
            "the queue is worked off", within: .seconds(180), every: .milliseconds(500), state: state
        ) {
            do {
                // What rabbitmqctl says of a quorum queue is some seconds old.
                left = try await process.administer { try $0.declare(queue: Self.queue, isPassive: true, on: 1).ready }
                guard left == 0, seen.messages >= fewest else { return false }
                left = try await process.messages()[Self.queue] ?? -1
                return left == 0
            } catch {
                // A busy server may not answer in time; it is asked again.
                problem = "\(error)"
                return false
            }
        }
        connector.send(SIGTERM)
        #expect(try await connector.waitForExit() == 0, "\(connector.standardError)")
        await gateway.shutdown()
        return (seen, sent)
    }
}
