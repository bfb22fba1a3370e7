import Foundation

/// A program run to its end, with what it wrote.
enum Command {
    struct Output: Sendable {
        let status: Int32
        let data: Data
        let errors: String

        var text: String { String(decoding: data, as: UTF8.self) }
    }

    /// Looks the program up on the path. One that does not end is ended after a minute.
    static func run(_ words: [String], input: Data = Data()) async throws -> Output {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = words
        let (stdin, stdout, stderr) = (Pipe(), Pipe(), Pipe())
        process.standardInput = stdin
        process.standardOutput = stdout
        process.standardError = stderr
        try process.run()
        try stdin.fileHandleForWriting.write(contentsOf: input)
        try stdin.fileHandleForWriting.close()
        let identifier = process.processIdentifier
        let watchdog = DispatchWorkItem { kill(identifier, SIGKILL) }
        DispatchQueue.global().asyncAfter(deadline: .now() + 60, execute: watchdog)
        async let data = bytes(of: stdout)
        async let errors = bytes(of: stderr)
        let output = try await (data, errors)
        process.waitUntilExit()
        watchdog.cancel()
        return Output(
            status: process.terminationStatus, data: output.0, errors: String(decoding: output.1, as: UTF8.self))
    }

    /// Reads to the end on a thread that may block.
    private static func bytes(of pipe: Pipe) async throws -> Data {
        let handle = pipe.fileHandleForReading
        return try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(with: Result { try handle.readToEnd() ?? Data() })
            }
        }
    }
}
