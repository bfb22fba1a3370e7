import TestSupport
import FakeBroker
import Foundation
import Logging
import Testing

/// The executable against a broker, as its user runs it.
@Suite struct LoadProducerTests {
    private static let topic = "load"

    private func broker(_ change: (inout FakeBroker.Configuration) -> Void = { _ in }) async throws -> FakeBroker {
        var configuration = FakeBroker.Configuration()
        configuration.topics = [.init(Self.topic, partitions: 3)]
        change(&configuration)
        return try await FakeBroker.start(
            configuration, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    private func load(_ broker: FakeBroker, _ arguments: String...) async throws -> ChildProcess {
        try await ChildProcess(
            "load-producer", ["--brokers", broker.bootstrapServers, "--topic", Self.topic] + arguments)
    }

    @Test func `what it says it sent is in the topic`() async throws {
        let broker = try await broker()
        let process = try await load(broker, "--messages", "5000", "--size", "123")
        #expect(try await process.waitForExit() == 0)
        let summary = process.summary
        #expect(summary["sent"]?.hasPrefix("5000 messages of 123 B") == true)
        #expect(summary["acknowledged"] == "5000")
        #expect(summary["failed"] == "0")
        #expect(summary["rate"]?.contains("messages/s") == true)
        #expect(summary["latency p50 / p95 / p99 / max"]?.contains("ms") == true)
        #expect(try await broker.endOffsets(topic: Self.topic).reduce(0, +) == 5_000)
        let partition = try #require(try await broker.endOffsets(topic: Self.topic).firstIndex { $0 > 0 })
        let record = try await broker.records(topic: Self.topic, partition: partition, limit: 1).first
        #expect(record?.value?.count == 123)
        #expect(record?.text?.hasPrefix("Test the function.") == true)
        await broker.shutdown()
    }

    @Test func `a rate is kept, and the old spelling of a flag is taken`() async throws {
        let broker = try await broker()
        let process = try await load(broker, "-messages", "300", "--rate", "300")
        #expect(try await process.waitForExit() == 0)
        // The last message is meant to leave after just under a second.
        let seconds = try #require(process.summary["sent"]?.firstMatch(of: /in ([0-9.]+) s/).flatMap { Double($0.1) })
        #expect(seconds > 0.99)
        #expect(process.summary["acknowledged"] == "300")
        await broker.shutdown()
    }

    @Test func `plain lines tell the progress where there is no terminal`() async throws {
        let broker = try await broker()
        let process = try await load(broker, "--messages", "150", "--rate", "100")
        #expect(try await process.waitForExit() == 0)
        #expect(process.standardError.contains(/[0-9]+% \| sent [0-9]+ \| acknowledged/))
        await broker.shutdown()
    }

    @Test func `messages that fail are counted by error, and the exit code says so`() async throws {
        let broker = try await broker()
        try await broker.intercept { request in
            request.api == "Produce" ? .fail(.init(rawValue: 29)) : .handle
        }
        let process = try await load(broker, "--messages", "10")
        #expect(try await process.waitForExit() == 1)
        #expect(process.summary["acknowledged"] == "0")
        #expect(process.summary["failed"] == "10")
        #expect(process.summary["TOPIC_AUTHORIZATION_FAILED"]?.hasPrefix("10 ") == true)
        await broker.shutdown()
    }

    @Test(arguments: [SIGINT, SIGTERM])
    func `a signal ends it with a report of what was delivered`(signal: Int32) async throws {
        let broker = try await broker()
        let process = try await load(broker, "--messages", "0", "--rate", "1000")
        try await eventually("something arrived") {
            try await broker.endOffsets(topic: Self.topic).reduce(0, +) > 100
        }
        process.send(signal)
        #expect(try await process.waitForExit() == 0)
        let delivered = try await broker.endOffsets(topic: Self.topic).reduce(0, +)
        #expect(process.summary["acknowledged"] == "\(delivered)")
        #expect(process.summary["failed"] == "0")
        await broker.shutdown()
    }

    @Test func `a signal ends it while no broker takes anything`() async throws {
        let broker = try await broker()
        try await broker.intercept { $0.api == "Produce" ? .drop : .handle }
        let process = try await load(broker, "--messages", "0", "--rate", "1000")
        try await eventually("a produce request") {
            try await broker.journal().contains { $0.api == "Produce" }
        }
        process.send(SIGTERM)
        #expect(try await process.waitForExit() == 1)
        #expect(process.summary["acknowledged"] == "0")
        await broker.shutdown()
    }

    @Test func `a topic that is missing is told in one line`() async throws {
        let broker = try await broker { $0.autoCreateTopics = false }
        let process = try await ChildProcess(
            "load-producer", ["--brokers", broker.bootstrapServers, "--topic", "nowhere"])
        #expect(try await process.waitForExit() == 2)
        #expect(process.standardError.hasPrefix("load-producer: topic nowhere does not exist at 127.0.0.1:"))
        #expect(process.standardError.split(separator: "\n").count == 1)
        #expect(process.standardOutput == "")
        await broker.shutdown()
    }

    @Test func `a topic that the brokers create on demand is created`() async throws {
        let broker = try await broker()
        let process = try await ChildProcess(
            "load-producer", ["--brokers", broker.bootstrapServers, "--topic", "new", "--messages", "3"])
        #expect(try await process.waitForExit() == 0)
        #expect(try await broker.endOffsets(topic: "new").reduce(0, +) == 3)
        await broker.shutdown()
    }

    @Test func `brokers that cannot be reached are told in one line`() async throws {
        let broker = try await broker()
        await broker.shutdown()
        let lost = try await load(broker, "--messages", "1")
        #expect(try await lost.waitForExit() == 2)
        #expect(lost.standardError.hasPrefix("load-producer: no answer from 127.0.0.1:"))
        #expect(lost.standardError.split(separator: "\n").count == 1)
    }

    @Test(arguments: [
        (["--size", "-1"], "--size"), (["--size", "many"], "--size"), (["--rate", "-5"], "--rate"),
        (["--messages", "x"], "--messages"), (["--nonsense"], "--nonsense"),
    ])
    func `a bad flag is named in one line`(arguments: [String], flag: String) async throws {
        let process = try await ChildProcess("load-producer", ["--brokers", "127.0.0.1:1", "--topic", "t"] + arguments)
        #expect(try await process.waitForExit() == 2)
        #expect(process.standardError.hasPrefix("load-producer: "))
        #expect(process.standardError.contains(flag))
        #expect(process.standardError.split(separator: "\n").count == 1)
    }

    @Test func `flags that are needed are named`() async throws {
        let process = try await ChildProcess("load-producer", ["--topic", "t"])
        #expect(try await process.waitForExit() == 2)
        #expect(process.standardError.contains("--brokers"))
        let help = try await ChildProcess("load-producer", ["--help"])
        #expect(try await help.waitForExit() == 0)
        #expect(help.standardOutput.contains("Exit codes"))
    }
}
