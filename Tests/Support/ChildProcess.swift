import Foundation
import Subprocess
import Synchronization
package import Testing

#if canImport(System)
    import System
#else
    import SystemPackage
#endif

/// A program as a process of its own: one of this package's executables, or another by its path.
package final class ChildProcess: Sendable {
    private struct State {
        var output: [UInt8] = []
        var errors: [UInt8] = []
        var identifier: Int32?
        /// Set when it has ended and all that it printed has been read.
        var exitStatus: Int32?
    }

    private final class Shared: Sendable {
        let state = Mutex(State())
    }

    private let shared = Shared()

    package var standardOutput: String { shared.state.withLock { String(decoding: $0.output, as: UTF8.self) } }
    package var standardError: String { shared.state.withLock { String(decoding: $0.errors, as: UTF8.self) } }
    package var isRunning: Bool { shared.state.withLock { $0.exitStatus == nil } }

    /// - Parameter environment: Added to this process's own.
    package init(_ name: String, _ arguments: [String] = [], environment: [String: String] = [:]) async throws {
        let shared = shared
        let path = name.hasPrefix("/") ? name : Self.path(of: name)
        // Connectors side by side cannot all have the one port that is the default. And what is on its way while the
        // machine stands still, as one did for minutes, is no fault of theirs, nor of load-producer's.
        var variables: [Environment.Key: String?] = [
            "status_listen": "127.0.0.1:0", "upstream_timeout": "10m", "message_timeout": "10m",
        ]
        for (name, value) in environment { variables[.init(stringLiteral: name)] = value }
        let configuration = Configuration(
            executable: .path(FilePath(path)), arguments: Arguments(arguments),
            environment: .inherit.updating(variables))
        Task {
            let status = await Self.run(configuration, shared)
            shared.state.withLock { $0.exitStatus = status }
        }
        try await eventually("the start of \(name)", every: .milliseconds(2)) {
            shared.state.withLock { $0.identifier ?? $0.exitStatus } != nil
        }
    }

    /// To its end. What keeps it from starting is told as if it had printed it.
    private static func run(_ configuration: Configuration, _ shared: Shared) async -> Int32 {
        do {
            let result = try await Subprocess.run(
                configuration, input: .none, output: .sequence, error: .sequence
            ) { execution in
                shared.state.withLock { $0.identifier = Int32(execution.processIdentifier.value) }
                async let errors: Void = {
                    for try await bytes in execution.standardError {
                        shared.state.withLock { $0.errors += unsafe bytes.withUnsafeBytes { unsafe Array($0) } }
                    }
                }()
                for try await bytes in execution.standardOutput {
                    shared.state.withLock { $0.output += unsafe bytes.withUnsafeBytes { unsafe Array($0) } }
                }
                try await errors
            }
            return result.terminationStatus.exitStatus
        } catch {
            shared.state.withLock { $0.errors += Array("\(error)".utf8) }
            return -1
        }
    }

    deinit { send(SIGKILL) }

    package func send(_ signal: Int32) {
        shared.state.withLock { state in
            // Under the lock, so that the number is still this process's.
            if state.exitStatus == nil, let identifier = state.identifier { kill(identifier, signal) }
        }
    }

    /// Waits for the end, when all that it printed has been read, and returns the exit status.
    package func waitForExit(sourceLocation: SourceLocation = #_sourceLocation) async throws -> Int32 {
        try await eventually(
            "the end of the process", every: .milliseconds(2), state: { ": \(whatHoldsItUp)" },
            sourceLocation: sourceLocation
        ) { !isRunning }
        return shared.state.withLock { $0.exitStatus ?? -1 }
    }

    /// For a failure: what the system says of it (Linux), and what it printed.
    private var whatHoldsItUp: String {
        let identifier = shared.state.withLock(\.identifier)
        let status = identifier.flatMap { try? String(contentsOfFile: "/proc/\($0)/status", encoding: .utf8) }
        let told = status.map { text in
            text.split(separator: "\n").filter { line in
                ["State", "Threads", "SigPnd", "ShdPnd", "SigBlk", "SigCgt"].contains { line.hasPrefix($0) }
            }.joined(separator: ", ")
        }
        return "\(told ?? "the system knows no such process"); \(standardOutput)\(standardError)"
    }

    /// Waits until a line of standard output begins with `prefix`, and returns what follows it.
    package func line(after prefix: String) async throws -> String {
        var found: Substring?
        try await eventually("a line \"\(prefix)…\"") {
            // The last one may have been read in part.
            found = standardOutput.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
                .first { $0.hasPrefix(prefix) }
            return found != nil || !isRunning
        }
        return String(try #require(found, "\(standardError)").dropFirst(prefix.count))
    }

    /// Of one of this package's executables.
    package static func path(of name: String) -> String { productFolder.appending(path: name).path() }

    /// Where the package's executables are: beside the test bundle.
    private static let productFolder: URL = {
        let executable = URL(filePath: CommandLine.arguments[0]).resolvingSymlinksInPath()
        return executable.deletingLastPathComponent()
    }()
}
