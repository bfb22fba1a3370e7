import TestSupport
import FakeBroker
import FakeBrokerTesting
import Foundation
import Testing

/// What a fault plan does to librdkafka: it gets over all of it, and loses and repeats nothing.
@Suite(
    .fakeBroker {
        $0.brokers = 2
        $0.racks = ["a", "b"]
        $0.topics = [.init("orders", replicationFactor: 2)]
    })
struct FaultClientTests {
    private struct Answer: Decodable, Equatable {
        var unsent: Int
        var inOrder: Bool
    }

    private struct Throttled: Decodable {
        var waits: [Double]
        var unsent: Int
    }

    private func ask(_ broker: FakeBroker, rack: String = "") async throws -> Answer {
        try await run("faults_confluent.py", broker, rack: rack)
    }

    private func run<Answer: Decodable>(
        _ script: String, _ broker: FakeBroker, rack: String = "", _: Answer.Type = Answer.self
    ) async throws -> Answer {
        let path = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "clients/\(script)")
        let environment = ProcessInfo.processInfo.environment
        let output = try await Command.run(
            [environment["PYTHON"] ?? "python3", "-B", path.path()],
            input: try JSONEncoder().encode(["bootstrap": broker.bootstrapServers, "rack": rack]))
        if output.errors.contains("ModuleNotFoundError"), environment["CI"] != "true" {
            try Test.cancel("a Python package is missing; run setup/test.sh, which installs it: \(output.errors)")
        }
        let answer = try? JSONDecoder().decode(Answer.self, from: output.data)
        return try #require(answer, "\(output.text)\n\(output.errors)")
    }

    private static let plans: [FaultPlan] = [
        [FaultRule(.lie(.lostAcknowledgement), apis: ["Produce"], after: 2, count: 3)],
        [FaultRule(.failAfterwards(.requestTimedOut), apis: ["Produce"], after: 1, count: 3)],
        [FaultRule(.fail(.notLeaderOrFollower), topic: "orders", count: 4)],
        [FaultRule(.tear(afterBytes: 7), apis: ["Produce", "Fetch"], after: 1, count: 4)],
        [FaultRule(.reset, apis: ["Produce", "Fetch", "JoinGroup"], count: 4)],
        [FaultRule(.drop, apis: ["Produce"], after: 3, count: 1), FaultRule(.drop, apis: ["Fetch"], count: 1)],
        [FaultRule(.badCRC, count: 1)],
        [FaultRule(.trickle(bytes: 20, every: .milliseconds(1)), apis: ["Produce", "Fetch"], count: 5)],
        [FaultRule(.stallReads(.milliseconds(300)), apis: ["Produce", "Fetch"], count: 3)],
        [
            FaultRule(.fail(.coordinatorNotAvailable), apis: ["FindCoordinator"], count: 2),
            FaultRule(delay: .milliseconds(5)),
        ],
    ]

    @Test(arguments: plans) func `is got over`(plan: FaultPlan) async throws {
        let broker = try FakeBroker.current
        try await broker.setFaults(plan)
        #expect(try await ask(broker) == Answer(unsent: 0, inOrder: true))
        #expect(try await broker.faultsMet().allSatisfy { $0 > 0 })
        #expect(try await broker.records(topic: "orders").map(\.text) == (0..<20).map { "\($0)" })
    }

    @Test func `a producer beyond its quota is told to wait`() async throws {
        let broker = try FakeBroker.current
        try await broker.setQuota(.producedBytesPerSecond, to: 10_000, clientID: .named("billing"))
        let throttled = try await run("quota_confluent.py", broker, Throttled.self)
        // 30 000 bytes at 10 000 a second, of which the first second is free; 15 000 are half a second beyond it.
        #expect(throttled.unsent == 0)
        #expect(throttled.waits.count == 2)
        #expect((0.4...0.6).contains(throttled.waits.first ?? 0))
    }

    @Test func `a consumer in a rack reads from the replica there`() async throws {
        let broker = try FakeBroker.current
        try await broker.moveLeader(topic: "orders", to: 1)
        #expect(try await ask(broker, rack: "b") == Answer(unsent: 0, inOrder: true))
        let fetches = try await broker.journal().matching(api: "Fetch")
        #expect(fetches.contains { $0.broker == 2 && $0.outcome.isSuccess })
    }
}

extension FakeBroker.JournalEntry.Outcome {
    var isSuccess: Bool {
        if case .answered(.none, _) = self { true } else { false }
    }
}
