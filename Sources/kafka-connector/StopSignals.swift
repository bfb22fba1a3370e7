import Connector
import Foundation
import KafkaConnector
import Logging
import Synchronization
import UnixSignals

/// SIGTERM and SIGINT: the first drains, the second ends the process as if nobody had caught it.
final class StopSignals: Sendable {
    private let state = Mutex((hasStopped: false, service: KafkaConnectorService?.none))
    private let logger: Logger

    /// From here on the signals are caught.
    init(logger: Logger) async {
        self.logger = logger
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
        Task {
            for await signal in signals { await take(signal) }
        }
    }

    var hasStopped: Bool { state.withLock { $0.hasStopped } }

    /// Runs a service until it ends by itself or by the first signal, which may have come before.
    func run(_ service: KafkaConnectorService) async throws {
        state.withLock { $0.service = service }
        if hasStopped { await service.connector.drain() }
        let result = await Result { try await service.run() }
        state.withLock { $0.service = nil }
        try result.get()
    }

    private func take(_ signal: UnixSignal) async {
        let (isFirst, service) = state.withLock { state in
            defer { state.hasStopped = true }
            return (!state.hasStopped, state.service)
        }
        guard isFirst else { end(by: signal) }
        await service?.connector.drain()
    }

    /// With the status that a shell shows for the signal. What is in hand is left as by a crash.
    private func end(by signal: UnixSignal) -> Never {
        logger.critical("A second signal: ending at once, events in hand are left")
        _exit(128 + signal.rawValue)
    }
}
