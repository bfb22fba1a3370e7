import TestSupport
import FakeBroker
import Foundation
import Kafka
import Logging
import Testing

/// Transactions as public clients make them, each by a script of its own under clients/.
@Suite struct `Transactions with real clients` {
    enum Client: String, CaseIterable, Sendable {
        case confluent = "transactions_confluent.py"
        case kafkaPython = "transactions_kafka_python.py"
        case aiokafka = "transactions_aiokafka.py"
    }

    private struct Answer<Value: Decodable>: Decodable {
        var answer: Value?
        var error: String?
    }

    private struct Question: Encodable {
        struct Step: Encodable {
            var values: [String]
            var commits: Bool

            func encode(to encoder: any Encoder) throws {
                var list = encoder.unkeyedContainer()
                try list.encode(values)
                try list.encode(commits)
            }
        }

        var `case`: String
        var bootstrap: String
        var id = "mover"
        var topic = "out"
        var source = "in"
        var transactions: [Step] = []
    }

    /// The client's answer, as JSON; what the cluster saw, if there is none.
    private func ask(_ client: Client, _ question: Question, _ broker: FakeBroker) async throws -> String {
        let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "clients/\(client.rawValue)")
        let environment = ProcessInfo.processInfo.environment
        let output = try await Command.run(
            [environment["PYTHON"] ?? "python3", "-B", script.path()], input: try JSONEncoder().encode(question))
        if output.errors.contains("ModuleNotFoundError"), environment["CI"] != "true" {
            try Test.cancel("a Python package is missing; run setup/test.sh, which installs it: \(output.errors)")
        }
        if !output.text.contains("\"answer\"") {
            let journal = try await broker.journal().map(\.description).joined(separator: "\n")
            Issue.record("\(client.rawValue) \(question.case): \(output.text)\n\(output.errors)\n\(journal)")
        }
        return output.text.filter { !$0.isWhitespace }
    }

    private func with(
        version: Int = 2, _ body: (FakeBroker) async throws -> Void
    ) async throws {
        var configuration = FakeBroker.Configuration()
        configuration.transactionVersion = version
        configuration.topics = [.init("in", partitions: 1), .init("out", partitions: 1)]
        let broker = try await FakeBroker.start(configuration)
        do {
            try await body(broker)
        } catch {
            await broker.shutdown()
            throw error
        }
        await broker.shutdown()
    }

    @Test(arguments: Client.allCases, [1, 2])
    func `what is committed is read, what is aborted is not`(client: Client, version: Int) async throws {
        try await with(version: version) { broker in
            var question = Question(case: "commit_abort", bootstrap: broker.bootstrapServers)
            question.transactions = [
                .init(values: ["a", "b"], commits: true), .init(values: ["c"], commits: false),
                .init(values: ["d"], commits: true),
            ]
            let answer = try await ask(client, question, broker)
            #expect(answer == #"{"answer":[["a","b","d"],["a","b","c","d"]]}"#)
            #expect(try await broker.records(topic: "out").compactMap(\.text) == ["a", "b", "c", "d"])
            #expect(try await broker.endOffsets(topic: "out") == [7])
        }
    }

    @Test(arguments: Client.allCases)
    func `a second producer shuts the first out`(client: Client) async throws {
        try await with { broker in
            let question = Question(case: "fence", bootstrap: broker.bootstrapServers)
            let answer = try await ask(client, question, broker)
            #expect(answer == #"{"answer":[true,["kept"]]}"#)
        }
    }

    @Test(arguments: Client.allCases)
    func `offsets move with the transaction`(client: Client) async throws {
        try await with { broker in
            try await broker.append([.init("one")], to: "in")
            let question = Question(case: "offsets", bootstrap: broker.bootstrapServers)
            let answer = try await ask(client, question, broker)
            #expect(answer == #"{"answer":[[-1001,1],["one"]]}"#)
        }
    }

    @Test func `an administrator sees an open transaction, and ends it`() async throws {
        try await with { broker in
            let question = Question(case: "administer", bootstrap: broker.bootstrapServers)
            let answer = try await ask(.kafkaPython, question, broker)
            #expect(answer == #"{"answer":["mover","ongoing",["out"],true,0,-1,[],[]]}"#)
        }
    }

    @Test func `kcat's messages are one transaction`() async throws {
        try await with { broker in
            let output = try await Command.run(
                ["kcat", "-P", "-b", broker.bootstrapServers, "-t", "out", "-X", "transactional.id=kcat"],
                input: Data("a\nb\n".utf8))
            if output.status == 127 { try Test.cancel("kcat is not installed: \(output.errors)") }
            #expect(output.status == 0, "\(output.errors)")
            let committed = try await broker.records(topic: "out", committedOnly: true)
            #expect(committed.map(\.text) == ["a", "b"])
            #expect(try await broker.endOffsets(topic: "out") == [3])
        }
    }

    @Test func `Kafka reads only what is committed`() async throws {
        try await with { broker in
            let question = Question(case: "fence", bootstrap: broker.bootstrapServers)
            _ = try await ask(.confluent, question, broker)
            var configuration = Kafka.Configuration()
            configuration.bootstrapServers = [broker.bootstrapServers]
            configuration.groupID = "g"
            configuration.autoOffsetReset = .earliest
            let logger = Logger(label: "client") { _ in SwiftLogNoOpLogHandler() }
            let consumer = try Consumer(configuration: configuration, logger: logger)
            try await consumer.subscribe(to: ["out"])
            let message = try await consumer.nextBatch(max: 1)?.messages.first
            #expect(message?.payload == Array("kept".utf8))
            await consumer.close()
        }
    }

    @Test(arguments: [("read_committed", ["kept"]), ("read_uncommitted", ["lost", "kept"])])
    func `kcat reads what its isolation level allows`(isolation: String, expected: [String]) async throws {
        try await with { broker in
            let question = Question(case: "fence", bootstrap: broker.bootstrapServers)
            _ = try await ask(.confluent, question, broker)
            let output = try await Command.run([
                "kcat", "-C", "-b", broker.bootstrapServers, "-t", "out", "-o", "beginning", "-e", "-q", "-X",
                "isolation.level=\(isolation)",
            ])
            if output.status == 127 { try Test.cancel("kcat is not installed: \(output.errors)") }
            #expect(output.text.split(separator: "\n").map(String.init) == expected)
        }
    }
}
