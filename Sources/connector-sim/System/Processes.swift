import Foundation
import Logging
import UnixSignals

/// What every subcommand does alike: one clear line for a failure, output that appears at once, an end by signal.
enum Processes {
    /// Ends when the user says so: the first SIGINT or SIGTERM asks for an end, the second does not wait for it.
    struct Lifetime: Sendable {
        private let asked: AsyncStream<Void>

        /// From here on the signals are caught.
        init() async {
            let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
            let (asked, first) = AsyncStream.makeStream(of: Void.self)
            self.asked = asked
            Task {
                var isAsked = false
                for await signal in signals {
                    // With the status that a shell shows for the signal.
                    if isAsked { _exit(128 + signal.rawValue) }
                    isAsked = true
                    first.yield()
                }
            }
        }

        /// Returns at the first SIGINT or SIGTERM, with true, or when it is cancelled.
        @discardableResult func end() async -> Bool {
            for await _ in asked { return true }
            return false
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
