package import Connector
package import Logging
import Synchronization
internal import Threads
import UnixSignals

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// SIGTERM, SIGINT and SIGHUP, as when a terminal is closed: the first drains, a second SIGTERM or SIGINT ends the
/// process as if nobody had caught it. A second SIGHUP is nobody's wish: shell and kernel both send one.
package final class StopSignals: Sendable {
    private let state = Mutex((hasStopped: false, connector: Connector?.none))
    private let logger: Logger

    /// From here on the signals are caught.
    package init(logger: Logger) async {
        self.logger = logger
        // Who started it with nohup wants it to outlive the terminal.
        let signals =
            InheritedState.isIgnored(SIGHUP)
            ? await UnixSignalsSequence(trapping: .sigterm, .sigint)
            : await UnixSignalsSequence(trapping: .sigterm, .sigint, .sighup)
        Task {
            for await signal in signals { take(signal) }
        }
    }

    package var hasStopped: Bool { state.withLock { $0.hasStopped } }

    /// Runs a connector until it ends by itself or by the first signal, which may have come before.
    package func run(_ connector: Connector, _ body: () async throws -> Void) async throws {
        state.withLock { $0.connector = connector }
        if hasStopped { await connector.drain() }
        let result = await Result { try await body() }
        state.withLock { $0.connector = nil }
        try result.get()
    }

    private func take(_ signal: UnixSignal) {
        let (isFirst, connector) = state.withLock { state in
            defer { state.hasStopped = true }
            return (!state.hasStopped, state.connector)
        }
        guard isFirst else {
            if signal == .sighup { return }
            end(by: signal)
        }
        // Not waited for: whatever keeps the connector from it, the second signal must be heard.
        if let connector { Task { await connector.drain() } }
    }

    /// With the status that a shell shows for the signal. What is in hand is left as by a crash.
    private func end(by signal: UnixSignal) -> Never {
        // Whoever reads the log may have stopped to.
        _ = Thread.run("last-words", within: .milliseconds(500)) { [logger] in
            logger.critical("A second signal: ending at once, events in hand are left")
        }
        _exit(128 + signal.rawValue)
    }
}
