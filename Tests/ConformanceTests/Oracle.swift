import Foundation
import KafkaProtocol
import NIOCore
import Testing

/// Other implementations of Kafka's protocol, asked what they make of our messages: oracle/oracle.py in a process of
/// its own, for the whole run. Nothing of theirs is in this tree; they come from the package registry.
///
/// `PYTHON` names the interpreter (else `python3` on the path). Without the packages a test is cancelled and says what
/// to install; where `CI` is `true`, it fails.
actor Oracle {
    private static let shared = Result { try Oracle() }

    static func get() throws -> Oracle {
        do {
            return try shared.get()
        } catch {
            if ProcessInfo.processInfo.environment["CI"] == "true" { throw error }
            try Test.cancel("\(error)")
        }
    }

    struct Failure: Error, CustomStringConvertible {
        var description: String
        init(_ description: String) { self.description = description }
    }

    private let process = Process()
    private let questions = Pipe()
    private let answers = Pipe()
    private var received = Data()

    private init() throws {
        let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "oracle/oracle.py")
        let environment = ProcessInfo.processInfo.environment
        let python = environment["PYTHON"] ?? "python3"
        process.executableURL = URL(filePath: "/usr/bin/env")
        // -B: no __pycache__ in the source tree.
        process.arguments = [python, "-B", script.path()]
        process.standardInput = questions
        process.standardOutput = answers
        try process.run()

        struct Greeting: Decodable { var missing: [String] }
        guard let line = try Oracle.line(from: answers, &received) else {
            throw Failure("\(python) does not run; set PYTHON to an interpreter that has kafka-python and kio")
        }
        let greeting = try JSONDecoder().decode(Greeting.self, from: line)
        guard greeting.missing.isEmpty else {
            let packages = greeting.missing.joined(separator: " ")
            throw Failure("\(python) lacks packages; install them with: \(python) -m pip install \(packages)")
        }
    }

    /// Asks one question and waits for its answer. The answers come at once, so the wait blocks the actor's thread.
    func ask<Answer: Decodable & Sendable>(_ question: some Encodable & Sendable, _: Answer.Type) throws -> Answer {
        var line = try JSONEncoder().encode(question)
        line.append(UInt8(ascii: "\n"))
        try questions.fileHandleForWriting.write(contentsOf: line)
        guard let data = try Oracle.line(from: answers, &received) else { throw Failure("oracle.py has ended") }
        let reply = try JSONDecoder().decode(Reply<Answer>.self, from: data)
        if let answer = reply.answer { return answer }
        throw Failure(reply.error ?? "no answer")
    }

    private struct Reply<Answer: Decodable>: Decodable {
        var answer: Answer?
        var error: String?
    }

    private static func line(from pipe: Pipe, _ received: inout Data) throws -> Data? {
        while true {
            if let end = received.firstIndex(of: UInt8(ascii: "\n")) {
                let line = received[..<end]
                received = Data(received[(end + 1)...])
                return line
            }
            let more = pipe.fileHandleForReading.availableData
            if more.isEmpty { return nil }
            received.append(more)
        }
    }
}

// MARK: Questions

extension Oracle {
    enum Kind: String, Codable, CaseIterable, Sendable {
        case request = "Request"
        case response = "Response"
    }

    struct Layout: Decodable, Sendable {
        var apiKey: Int16
        var last: Int16
        var flexible: Bool
        var fields: [Field]

        struct Field: Decodable, Sendable {
            var name: String
            var type: String
            var nullable: Bool
            var tag: UInt32?
            var `default`: String?
            var fields: [Field]
        }
    }

    /// How Kafka's own definition has a message; nil if kafka-python has no such definition.
    func layout(_ apiKey: APIKey, _ kind: Kind, version: Int16) throws -> Layout? {
        struct Question: Encodable {
            var ask = "layout"
            var name: String
            var version: Int16
        }
        do {
            return try ask(Question(name: apiKey.name + kind.rawValue, version: version), Layout.self)
        } catch let failure as Failure where failure.description == "no answer" {
            return nil
        }
    }

    /// The versions that kio has.
    func versions(_ apiKey: APIKey) throws -> [Int16] {
        struct Question: Encodable {
            var ask = "versions"
            var api_key: Int16
        }
        return try ask(Question(api_key: apiKey.rawValue), [Int16].self)
    }

    /// The bytes that kio writes after it has read these.
    func reencode(_ bytes: ByteBuffer, _ apiKey: APIKey, _ kind: Kind, version: Int16) throws -> ByteBuffer {
        struct Question: Encodable {
            var ask = "reencode"
            var api_key: Int16
            var version: Int16
            var kind: Kind
            var data: String
        }
        let question = Question(api_key: apiKey.rawValue, version: version, kind: kind, data: bytes.hex)
        return try ByteBuffer(hex: ask(question, String.self))
    }

    /// A message that kio made from a seed.
    func sample(_ apiKey: APIKey, _ kind: Kind, version: Int16, seed: Int) throws -> ByteBuffer {
        struct Question: Encodable {
            var ask = "sample"
            var api_key: Int16
            var version: Int16
            var kind: Kind
            var seed: Int
        }
        let question = Question(api_key: apiKey.rawValue, version: version, kind: kind, seed: seed)
        return try ByteBuffer(hex: ask(question, String.self))
    }
}

extension ByteBuffer {
    var hex: String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(2 * readableBytes)
        for byte in readableBytesView {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    init(hex: String) throws {
        let digits = Array(hex.utf8)
        self.init()
        for index in stride(from: 0, to: digits.count - 1, by: 2) {
            guard let byte = UInt8(String(decoding: digits[index...(index + 1)], as: UTF8.self), radix: 16) else {
                throw Oracle.Failure("not hexadecimal: \(hex)")
            }
            writeInteger(byte)
        }
    }
}
