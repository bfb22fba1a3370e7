import Foundation
import HTTP
import NIOCore
import SNSTesting
import Synchronization
import TestSupport
import Testing

/// sns-connector killed again and again while SNS delivers.
@Suite struct CrashTests {
    private static let kills = 5
    private static let messages = 300

    private final class Count: Sendable {
        private let state = Mutex(0)
        var value: Int { state.withLock { $0 } }
        func increase() { state.withLock { $0 += 1 } }
    }

    @Test func `at least once, every message is seen, whenever the connector is killed`() async throws {
        let seen = try await deliver("at-least-once")
        #expect(seen.count == Self.messages)
    }

    /// SNS reads each reply here; what it would deliver again after a crash because it did not is in docs/sns.md.
    @Test func `at most once, no message is seen twice, and those lost are those in hand at a kill`() async throws {
        let seen = try await deliver("at-most-once")
        #expect(seen.filter { $0.value > 1 } == [:])
        #expect(seen.count >= Self.messages - Self.kills * 64)
    }

    /// Delivers the messages as SNS does, each until it is answered with 200, and kills the connector meanwhile.
    ///
    /// - Returns: How often each was seen.
    private func deliver(_ delivery: String) async throws -> [String: Int] {
        var seen: [String: Int] = [:]
        try await Station.with(function: { try await ContinuousClock().sleep(for: .milliseconds(10)) }) { station in
            let settings = ["delivery": delivery, "log_level": "info", "max_in_flight": "64"]
            var connector = try await station.connector(settings)
            let port = try await connector.endpoint()
            let sender = try SNSSender(port: port, on: station.loop)
            let delivered = Count()
            let sending = Task {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for lane in 0..<16 {
                        group.addTask {
                            for number in stride(from: lane, to: Self.messages, by: 16) {
                                let fields = SNSFixture.notification("m", id: "m-\(number)")
                                let message = try station.authority.sign(fields)
                                try await eventually("message \(number) is taken", every: .milliseconds(50)) {
                                    (try? await sender.post(message: message)) == 200
                                }
                                delivered.increase()
                            }
                        }
                    }
                    try await group.waitForAll()
                }
            }
            for kill in 1...Self.kills {
                let mark = Self.messages * kill / (Self.kills + 1)
                try await eventually("\(mark) are delivered") { delivered.value >= mark }
                connector.send(SIGKILL)
                _ = try await connector.waitForExit()
                connector = try await station.connector(settings.merging(["listen": "127.0.0.1:\(port)"]) { $1 })
            }
            try await sending.value
            connector.send(SIGTERM)
            #expect(try await connector.waitForExit() == 0, "\(connector.standardError)")
            seen = station.calls.byMessage
            await sender.client.shutDown()
        }
        return seen
    }
}
