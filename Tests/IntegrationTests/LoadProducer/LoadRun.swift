import FakeBroker
import Foundation
import Logging
import TestSupport
import Testing

/// A broker with a topic of three partitions, and load-producer against it, as its user runs it.
struct LoadRun {
    static let topic = "load"

    /// For a transaction that is open while the machine stands still.
    static let patientTransactions = [
        "--kafka.transaction.timeout.ms", "600000", "--kafka.message.timeout.ms", "600000",
    ]

    let broker: FakeBroker

    /// Runs the body, and shuts the broker down whatever it did.
    static func with(
        _ change: (inout FakeBroker.Configuration) -> Void = { _ in }, _ body: (LoadRun) async throws -> Void
    ) async throws {
        try await withFakeBroker { configuration in
            configuration.topics = [.init(topic, partitions: 3)]
            change(&configuration)
        } _: { broker in
            try await body(LoadRun(broker: broker))
        }
    }

    func start(_ arguments: [String], environment: [String: String] = [:]) async throws -> ChildProcess {
        var words = arguments
        let isVerify = words.first == "verify"
        if isVerify {
            words.removeFirst()
            if !words.contains("--timeout") { words += ["--timeout", "10m"] }
        }
        if !words.contains("--topic") { words += ["--topic", Self.topic] }
        return try await ChildProcess(
            "load-producer", (isVerify ? ["verify"] : []) + ["--brokers", broker.bootstrapServers] + words,
            environment: environment)
    }

    /// To its end.
    @discardableResult
    func run(
        _ arguments: String..., environment: [String: String] = [:], expecting code: Int32 = 0,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> ChildProcess {
        let process = try await start(arguments, environment: environment)
        let status = try await process.waitForExit()
        #expect(
            status == code, "\(process.standardOutput)\n\(process.standardError)", sourceLocation: sourceLocation)
        return process
    }

    /// All records of a topic, partition by partition.
    func records(_ topic: String = topic) async throws -> [[FakeBroker.StoredRecord]] {
        var all: [[FakeBroker.StoredRecord]] = []
        for partition in 0..<(try await broker.endOffsets(topic: topic).count) {
            all.append(try await broker.records(topic: topic, partition: partition))
        }
        return all
    }
}

/// A folder for what a run writes, gone when the test is.
final class TemporaryFolder {
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory.appending(path: "load-\(UUID())")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path()
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String) -> String { "\(path)/\(name)" }
    func write(_ text: String, _ name: String) throws -> String {
        try Data(text.utf8).write(to: URL(filePath: file(name)))
        return file(name)
    }
    func text(_ name: String) throws -> String { try String(contentsOfFile: file(name), encoding: .utf8) }
    func json(_ name: String) throws -> [String: Any] {
        let data = try Data(contentsOf: URL(filePath: file(name)))
        return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    }
}

extension ChildProcess {
    /// The two columns of load-producer's report.
    var summary: [String: String] {
        var rows: [String: String] = [:]
        for line in standardOutput.split(separator: "\n") {
            guard let match = line.firstMatch(of: /^ *(.+?)  +(.+)$/) else { continue }
            rows[String(match.1)] = String(match.2)
        }
        return rows
    }
}
