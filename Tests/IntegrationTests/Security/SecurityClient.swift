import TestSupport
import Foundation
import Testing

/// A Kafka client in a process of its own: a script under clients/ that reads a question and writes an answer.
///
/// `PYTHON` names the interpreter (else `python3` on the path). Without the client a test is cancelled and says what to
/// install; where `CI` is `true`, it fails.
enum SecurityClient: String, CaseIterable, Sendable {
    case confluent = "security_confluent.py"
    case kafkaPython = "security_kafka_python.py"
    case aiokafka = "security_aiokafka.py"

    struct Question: Encodable, Sendable {
        var `case`: String
        var bootstrap: String
        var `protocol`: String
        var mechanism: String?
        var user: String?
        var password: String?
        var token: String?
        var tokenLifetime: Double?
        var ca: String?
        var certificate: String?
        var key: String?
        var topic = "orders"
        var group = "group"
        var values: [String] = ["one", "two", "three"]
        var seconds: Double?
        /// For how long a client that goes on trying shall; nil: twenty seconds.
        var patience: Int?
        /// What the client takes the brokers to be; nil: it asks them.
        var brokerVersion: [Int]?

        init(_ case: String, _ bootstrap: String, _ protocol: String) {
            self.case = `case`
            self.bootstrap = bootstrap
            self.protocol = `protocol`
        }

        private enum CodingKeys: String, CodingKey {
            case `case`, bootstrap, `protocol`, mechanism, user, password, token, ca, certificate, key, topic, group
            case values, seconds, patience
            case tokenLifetime = "token_lifetime"
            case brokerVersion = "broker_version"
        }
    }

    struct Answer<Value: Decodable & Equatable & Sendable>: Decodable, Equatable, Sendable {
        var answer: Value?
        var error: String?
    }

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    func ask<Value: Decodable & Equatable & Sendable>(
        _ question: Question, _: Value.Type = [String].self
    ) async throws -> Answer<Value> {
        let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "clients/\(rawValue)")
        let environment = ProcessInfo.processInfo.environment
        let output = try await Command.run(
            [environment["PYTHON"] ?? "python3", "-B", script.path()], input: try JSONEncoder().encode(question))
        if output.errors.contains("ModuleNotFoundError"), environment["CI"] != "true" {
            try Test.cancel("a Python package is missing; run setup/test.sh, which installs it: \(output.errors)")
        }
        do {
            return try JSONDecoder().decode(Answer<Value>.self, from: output.data)
        } catch {
            throw Failure(description: "\(rawValue) \(question.case): \(output.text)\n\(output.errors)")
        }
    }
}
