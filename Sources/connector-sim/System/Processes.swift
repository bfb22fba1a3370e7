import Foundation
import Logging
import UnixSignals

/// What every subcommand does alike: one clear line for a failure, output that appears at once, an end by signal.
enum Processes {
    /// Ends when the user says so.
    struct Lifetime: Sendable {
        private let signals: UnixSignalsSequence

        init() async { signals = await UnixSignalsSequence(trapping: .sigint, .sigterm) }

        /// Returns at the first SIGINT or SIGTERM.
        func end() async {
            for await _ in signals { return }
        }
    }

    /// Runs `body`; a failure is one line on standard error and exit status 2.
    static func run(_ body: (Lifetime) async throws -> Void) async throws {
        do {
            try await body(await Lifetime())
        } catch {
            warn("\(error)")
            Foundation.exit(2)
        }
    }

    /// One line on standard output, at once, also into a pipe.
    static func announce(_ line: String) {
        try? FileHandle.standardOutput.write(contentsOf: Data("\(line)\n".utf8))
    }

    /// One line on standard error.
    static func warn(_ line: String) {
        try? FileHandle.standardError.write(contentsOf: Data("connector-sim: \(line)\n".utf8))
    }

    static func logger(_ label: String, level: Logger.Level = .info) -> Logger {
        var logger = Logger(label: label) { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = level
        return logger
    }
}
