import Histogram
import Kafka
import Synchronization

/// Counts what became of each message, on the producer's thread.
final class Tally: Sendable {
    struct Figures {
        var acknowledged = 0
        var failuresByCode: [ErrorCode: Int] = [:]
        /// From when the message was meant to be sent, in microseconds; only of those acknowledged.
        var latency = Histogram<UInt64>(numberOfSignificantValueDigits: .three)
        /// What the client told last, beside the reports.
        var lastError: KafkaError?

        var failed: Int { failuresByCode.values.reduce(0, +) }
    }

    private struct State {
        var figures = Figures()
        var clock: @Sendable () -> UInt = { 0 }
    }

    private let state = Mutex(State())

    /// - Parameter clock: What the tokens of the messages are read from.
    func begin(clock: @escaping @Sendable () -> UInt) { state.withLock { $0.clock = clock } }

    func take(_ reports: Span<DeliveryReport>) {
        state.withLock { state in
            let now = state.clock()
            for index in reports.indices {
                let report = reports[index]
                if let error = report.error {
                    state.figures.failuresByCode[error, default: 0] += 1
                } else {
                    state.figures.acknowledged += 1
                    state.figures.latency.record(UInt64(now > report.token ? now - report.token : 0) / 1_000)
                }
            }
        }
    }

    func take(_ event: ProducerEvent) {
        if case .error(let error) = event { state.withLock { $0.figures.lastError = error } }
    }

    var figures: Figures { state.withLock { $0.figures } }
}
