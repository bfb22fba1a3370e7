import TestSupport
import FakeBroker
import Foundation
import Logging
import Testing

/// Runs the body against a cluster of its own.
func withFakeBroker(
    _ change: (inout FakeBroker.Configuration) -> Void = { _ in }, _ body: (FakeBroker) async throws -> Void
) async throws {
    var configuration = FakeBroker.Configuration()
    configuration.groupInitialRebalanceDelay = .zero
    change(&configuration)
    var logger = Logger(label: "FakeBroker")
    logger.logLevel = .error
    let broker = try await FakeBroker.start(configuration, logger: logger)
    let result = await Result { try await body(broker) }
    await broker.shutdown()
    try result.get()
}

/// A script under clients/ that does what a public client of Kafka can do, and ends with 0 if all was as it must be.
///
/// `PYTHON` names the interpreter (else `python3` on the path). Without the client a test is cancelled and says what to
/// install; where `CI` is `true`, it fails.
enum ClientScript: String, CaseIterable, Sendable {
    case confluentKafka = "client_confluent.py"
    case kafkaPython = "client_kafka_python.py"
    case aiokafka = "client_aiokafka.py"

    /// - Parameter words: The case, and what it takes.
    func run(_ words: [String], against broker: FakeBroker) async throws {
        let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "clients/\(rawValue)")
        let environment = ProcessInfo.processInfo.environment
        let python = environment["PYTHON"] ?? "python3"
        let output = try await Command.run([python, "-B", script.path(), broker.bootstrapServers] + words)
        if output.errors.contains("ModuleNotFoundError"), environment["CI"] != "true" {
            try Test.cancel("a Python package is missing; run setup/test.sh, which installs it: \(output.errors)")
        }
        try #require(output.status == 0, "\(rawValue) \(words): \(output.text)\n\(output.errors)")
    }
}

extension Result where Failure == any Error {
    init(catching body: () async throws -> Success) async {
        do {
            self = .success(try await body())
        } catch {
            self = .failure(error)
        }
    }
}
