internal import Foundation
internal import NIOCore
internal import Subprocess

#if canImport(System)
    internal import System
#else
    internal import SystemPackage
#endif

extension Function {
    /// A function that is a program, run once for each request as the classic watchdog runs it: the body on standard
    /// input, the request in its environment (`Http_Method`, `Http_Path`, `Http_Query`, `Http_…` for headers), the
    /// reply from standard output. What it writes to standard error is its log; a code other than 0 is a 500.
    ///
    ///     Function("sum", process: ["sha512sum"])
    ///
    /// - Parameter process: The program, looked up on the path, and its arguments (`fprocess`).
    public init(
        _ name: String, namespace: String? = nil, topic: String? = nil, annotations: [String: String] = [:],
        process words: [String]
    ) {
        self.init(
            name, namespace: namespace, topic: topic, annotations: annotations, body: ProcessFunction.body(words))
    }
}

enum ProcessFunction {
    private static let outputBytes = 8 << 20
    private static let logBytes = 1 << 20

    static func body(_ words: [String]) -> Function.Body {
        .asynchronous { request in try await run(words, request) }
    }

    /// Ends the program when the call is cancelled.
    private static func run(_ words: [String], _ request: FunctionRequest) async throws -> FunctionReply {
        guard let program = words.first else { return FunctionReply("no program\n", status: 500) }
        var variables = WatchdogEnvironment.variables(request)
        variables["PATH"] = variables["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
        variables["fprocess"] = words.joined(separator: " ")
        var environment: [Environment.Key: String] = [:]
        for (name, value) in variables where !name.isEmpty && !name.contains("=") {
            guard let key = Environment.Key(rawValue: name) else { continue }
            environment[key] = String(value.prefix { $0 != "\0" })
        }
        let arguments = words.dropFirst().map { String($0.prefix { $0 != "\0" }) }
        let input = try file(of: request.body)
        let result = try await Subprocess.run(
            .name(program), arguments: Arguments(arguments), environment: .custom(environment),
            input: .fileDescriptor(.init(rawValue: input.fileDescriptor), closeAfterSpawningProcess: false),
            output: .bytes(limit: outputBytes),
            error: .bytes(limit: logBytes))
        try? input.close()
        var reply: FunctionReply
        switch result.terminationStatus {
        case .exited(0): reply = FunctionReply(body: Array(result.standardOutput))
        case .exited(let code): reply = failure("exit status \(code)", Array(result.standardOutput))
        case .signaled(let signal): reply = failure("signal: \(signal)", Array(result.standardOutput))
        }
        let log = String(decoding: Array(result.standardError), as: UTF8.self)
        reply.log = log.split(whereSeparator: \.isNewline).map(String.init)
        return reply
    }

    /// A file without a name that holds the body: swift-subprocess 1.0.2 ends this whole process when a program ends
    /// before it has read what is written to it through a pipe.
    private static func file(of body: [UInt8]) throws -> FileHandle {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("fakegateway-\(UUID().uuidString)")
        try Data(body).write(to: url)
        defer { try? FileManager.default.removeItem(at: url) }
        return try FileHandle(forReadingFrom: url)
    }

    /// As the classic watchdog puts it.
    private static func failure(_ reason: String, _ output: [UInt8]) -> FunctionReply {
        var body = Array("\(reason)\n".utf8)
        body += output
        body.append(UInt8(ascii: "\n"))
        return FunctionReply(status: 500, body: body)
    }
}
