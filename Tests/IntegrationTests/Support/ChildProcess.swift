import Foundation
import Synchronization
import Testing

/// One of this package's executables as a process of its own.
final class ChildProcess: Sendable {
    /// What the process has printed so far.
    private final class Output: Sendable {
        private let content = Mutex((data: Data(), isAtEnd: false))
        var value: String { content.withLock { String(decoding: $0.data, as: UTF8.self) } }
        var isAtEnd: Bool { content.withLock { $0.isAtEnd } }
        func append(_ data: Data) { content.withLock { $0.data += data } }
        func end() { content.withLock { $0.isAtEnd = true } }
    }

    // Foundation's Process is confined by the lock.
    private let process: Mutex<Process>
    private let output = Output()
    private let errors = Output()

    var standardOutput: String { output.value }
    var standardError: String { errors.value }
    var isRunning: Bool { process.withLock { $0.isRunning } }
    var exitStatus: Int32 { process.withLock { $0.terminationStatus } }

    /// - Parameter environment: Added to this process's own.
    init(_ name: String, _ arguments: [String] = [], environment: [String: String] = [:]) throws {
        let process = Process()
        process.executableURL = Self.productFolder.appending(path: name)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        for (pipe, sink) in [(Pipe(), output), (Pipe(), errors)] {
            // A thread each: on Linux `readabilityHandler` may miss the end of a stream that nothing was written to.
            Thread.detachNewThread {
                while case let data = pipe.fileHandleForReading.availableData, !data.isEmpty { sink.append(data) }
                sink.end()
            }
            if sink === output { process.standardOutput = pipe } else { process.standardError = pipe }
        }
        try process.run()
        self.process = Mutex(process)
    }

    deinit { process.withLock { if $0.isRunning { kill($0.processIdentifier, SIGKILL) } } }

    func send(_ signal: Int32) { process.withLock { _ = kill($0.processIdentifier, signal) } }

    /// Waits for the end, when all that it printed has been read, and returns the exit status.
    func waitForExit() async throws -> Int32 {
        try await eventually("the end of the process") { !isRunning && output.isAtEnd && errors.isAtEnd }
        return exitStatus
    }

    /// Waits until a line of standard output begins with `prefix`, and returns what follows it.
    func line(after prefix: String) async throws -> String {
        var found: Substring?
        try await eventually("a line \"\(prefix)…\"") {
            found = standardOutput.split(separator: "\n").first { $0.hasPrefix(prefix) }
            return found != nil || !isRunning
        }
        return String(try #require(found, "\(standardError)").dropFirst(prefix.count))
    }

    /// Where the package's executables are: beside the test bundle.
    private static let productFolder: URL = {
        let executable = URL(filePath: CommandLine.arguments[0]).resolvingSymlinksInPath()
        return executable.deletingLastPathComponent()
    }()
}
