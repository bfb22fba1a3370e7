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
    private static let rounds = 6
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

    @Test func `at most once, no function sees a message twice when connectors are killed`() async throws {
        try await checkAtMostOnce([.connector])
    }

    private func checkAtMostOnce(_ victims: [Victim]) async throws {
        let (seen, sent) = try await rounds(delivery: "at-most-once", victims)
        #expect(seen.moreThanOnce == [])
        // What was acknowledged and not yet called for when either died.
        #expect(seen.messages >= sent - Self.rounds * Self.maxInFlight)
    }

    @Test func `at least once, no message is lost, whoever is killed`() async throws {
        let (seen, sent) = try await rounds(delivery: "at-least-once", [.connector, .server])
        #expect(seen.messages == sent)
    }

    /// A classic queue.
    ///
    /// Kills the victims by turns, each while messages are under way, and lets the last work off what
    /// is left.
    private func rounds(delivery: String, _ victims: [Victim]) async throws -> (Seen, sent: Int) {
        let process = try await RabbitMQProcess.running()
        _ = try await process.administer { try $0.declare(queue: Self.queue, isPassive: false, on: 1) }
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
            "topics": Self.queue, "delivery": delivery, "ordering": "none", "log_level": "error",
            "status_listen": "off", "max_in_flight": "\(Self.maxInFlight)", "rebuild_interval": "200ms",
            "drain_timeout": "5s",
        ]
        var connector = try start(environment)
        defer { kill(connector.processIdentifier, SIGKILL) }
        var sent = 0
        for round in 0..<Self.rounds {
            try await process.publish(sent..<(sent + Self.messagesInRound), to: Self.queue)
            sent += Self.messagesInRound
            let before = seen.calls
            try await eventually("calls are under way in round \(round)") { seen.calls >= before + 20 + round * 7 }
            switch victims[round % victims.count] {
            case .connector:
                kill(connector.processIdentifier, SIGKILL)
                connector = try start(environment)
            case .server:
                try process.kill()
                try await eventually("the server is gone") {
                    (try? await process.administer { _ in true }) == nil
                }
                try process.start()
                try await process.waitUntilUp()
            }
        }
        try await eventually("the queue is worked off") { try await process.messages()[Self.queue] == 0 }
        kill(connector.processIdentifier, SIGTERM)
        try await eventually("what was in hand is done", within: .seconds(20)) {
            try await process.messages()[Self.queue] == 0 && !connector.isRunning
        }
        await gateway.shutdown()
        return (seen, sent)
    }

    private func start(_ environment: [String: String]) throws -> Process {
        let connector = Process()
        connector.executableURL = Self.products.appending(path: "rabbitmq-connector")
        connector.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        connector.standardInput = FileHandle.nullDevice
        try connector.run()
        return connector
    }

    /// Where the build put the executables, beside the tests.
    private static let products = URL(filePath: CommandLine.arguments[0]).resolvingSymlinksInPath()
        .deletingLastPathComponent()
}
