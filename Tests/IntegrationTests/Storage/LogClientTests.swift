import TestSupport
import FakeBroker
import Foundation
import Testing

/// What happens to logs, as librdkafka sees it.
@Suite struct `Logs with a real client` {
    private struct Question: Encodable, Sendable {
        var `case`: String
        var bootstrap: String
        var offset = 0
        var count = 0
        var codec = "none"
    }

    private func ask(_ question: Question) async throws -> String {
        let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "clients/logs_confluent.py")
        let environment = ProcessInfo.processInfo.environment
        let output = try await Command.run(
            [environment["PYTHON"] ?? "python3", "-B", script.path()], input: try JSONEncoder().encode(question))
        if output.errors.contains("ModuleNotFoundError"), environment["CI"] != "true" {
            try Test.cancel("a Python package is missing; run setup/test.sh, which installs it: \(output.errors)")
        }
        return output.text.isEmpty ? output.errors : output.text.filter { !$0.isWhitespace }
    }

    private func with(
        _ change: (inout FakeBroker.Configuration) -> Void = { _ in }, _ body: (FakeBroker) async throws -> Void
    ) async throws {
        var configuration = FakeBroker.Configuration()
        change(&configuration)
        let broker = try await FakeBroker.start(configuration)
        do {
            try await body(broker)
        } catch {
            await broker.shutdown()
            throw error
        }
        await broker.shutdown()
    }

    @Test func `records are deleted, and offsets found in what is left`() async throws {
        try await with { broker in
            try await broker.createTopic("t")
            for (value, timestamp) in [("a", Int64(1000)), ("b", 5000), ("c", 2000), ("d", 4000), ("e", 3000)] {
                try await broker.append([.init(value, timestamp: timestamp)], to: "t")
            }
            var question = Question(case: "delete", bootstrap: broker.bootstrapServers)
            question.offset = 2
            #expect(try await ask(question) == #"{"answer":[2,[2,5,3,2]]}"#)
            question.offset = 9
            #expect(try await ask(question) == #"{"error":"OFFSET_OUT_OF_RANGE"}"#)
            #expect(try await broker.records(topic: "t").map(\.text) == ["c", "d", "e"])
        }
    }

    @Test(arguments: ["none", "gzip", "snappy", "lz4", "zstd"])
    func `offsets are found by time within a compressed batch`(codec: String) async throws {
        try await with { broker in
            try await broker.createTopic("t")
            var question = Question(case: "compressed", bootstrap: broker.bootstrapServers)
            question.codec = codec
            #expect(try await ask(question) == #"{"answer":[2,1,2,-1]}"#)
            #expect(try await broker.records(topic: "t").map(\.timestamp) == [1000, 2000, 5000, 4000])
            #expect(try await broker.journal().matching(api: "Produce").count == 1)
        }
    }

    @Test func `a consumer makes sure that its records are still there when another leads`() async throws {
        try await with {
            $0.brokers = 2
        } _: { broker in
            try await broker.createTopic("t", replicationFactor: 2)
            var question = Question(case: "follow", bootstrap: broker.bootstrapServers)
            question.count = 2
            async let answer = ask(question)
            try await broker.append([.init("one")], to: "t")
            try await eventually("a fetch at the log's end") {
                try await broker.journal().contains { $0.api == "Fetch" && $0.outcome == .waiting }
            }
            for leader in [1, 2] { try await broker.moveLeader(topic: "t", partition: 0, to: leader) }
            try await eventually("the question where the epoch ended") {
                try await broker.journal().contains { $0.api == "OffsetForLeaderEpoch" }
            }
            try await broker.append([.init("two")], to: "t")
            let values = try await answer
            #expect(values == #"{"answer":["one","two"]}"#)
        }
    }
}
