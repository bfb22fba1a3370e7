import TestSupport
import Foundation
import Testing

/// Members and administrators of groups in a process of its own: a script under clients/ that reads a question and
/// writes an answer.
///
/// `PYTHON` names the interpreter (else `python3` on the path). Without the client a test is cancelled and says what to
/// install; where `CI` is `true`, it fails.
enum GroupClient: String, Sendable {
    case confluent = "groups_confluent.py"
    case confluentShare = "share_confluent.py"
    case kafkaPython = "groups_kafka_python.py"
    case aiokafka = "groups_aiokafka.py"

    struct Question: Encodable, Sendable {
        var `case`: String
        var bootstrap: String
        var group = "group"
        var topics = ["orders"]
        var `protocol`: String?
        var assignor: String?
        var members = 3
        /// How many partitions the topics have.
        var partitions = 6
        /// How many records are in them.
        var count = 12
        /// The topic that comes later.
        var late: String?
        /// The value of a record that a member gives back once.
        var released: String?
        /// The value of a record that a member does not want.
        var rejected: String?

        init(_ case: String, _ bootstrap: String) {
            self.case = `case`
            self.bootstrap = bootstrap
        }
    }

    private struct Answer<Value: Decodable>: Decodable {
        var answer: Value?
        var error: String?
    }

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// - Throws: ``Failure`` with what the client says if it fails.
    func ask<Value: Decodable & Sendable>(_ question: Question, _: Value.Type = Value.self) async throws -> Value {
        let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "clients/\(rawValue)")
        let environment = ProcessInfo.processInfo.environment
        let output = try await Command.run(
            [environment["PYTHON"] ?? "python3", "-B", script.path()], input: try JSONEncoder().encode(question))
        if output.errors.contains("ModuleNotFoundError"), environment["CI"] != "true" {
            try Test.cancel("a Python package is missing; run setup/test.sh, which installs it: \(output.errors)")
        }
        let answer = try? JSONDecoder().decode(Answer<Value>.self, from: output.data)
        guard let value = answer?.answer else {
            throw Failure(
                description:
                    "\(rawValue) \(question.case): \(answer?.error ?? "")\n\(output.text)\n\(output.errors)")
        }
        return value
    }
}
