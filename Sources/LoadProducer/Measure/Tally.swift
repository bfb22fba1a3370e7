// Counts what became of each message, on the producer's thread, for the whole run and for the interval under way.

package import Kafka
import Synchronization

package final class Tally: Sendable {
    package struct Figures: Sendable {
        package var acknowledged = 0
        package var failuresByCode: [ErrorCode: Int] = [:]
        /// Acknowledged or failed, and meant to be sent during the warm-up.
        package var warmUp = 0
        /// From when the message was meant to be sent to its acknowledgement.
        package var latency = Latencies()
        /// From the call to librdkafka to the acknowledgement.
        package var acknowledgement = Latencies()
        /// Of the last report, in nanoseconds since the start.
        package var lastReport: UInt64 = 0
        /// What the client told last, beside the reports.
        package var lastError: KafkaError?

        package init() {}

        package var failed: Int { failuresByCode.values.reduce(0, +) }
        /// Messages that have a report.
        package var reported: Int { acknowledged + failed + warmUp }
    }

    fileprivate struct State {
        var figures = Figures()
        /// Since the last interval.
        var latency = Latencies()
        var acknowledgement = Latencies()
        var failed = 0
        var clock: @Sendable () -> UInt64 = { 0 }
        var warmUp: UInt64 = 0
    }

    private let state = Mutex(State())

    package init() {}

    /// - Parameters:
    ///   - warmUp: What was meant to be sent before, in nanoseconds since the start, is left out.
    ///   - clock: What the tokens of the messages are read from.
    package func begin(warmUp: UInt64 = 0, clock: @escaping @Sendable () -> UInt64) {
        state.withLock { state in
            state.warmUp = warmUp
            state.clock = clock
        }
    }

    package func take(_ reports: Span<DeliveryReport>) {
        state.withLock { state in
            let now = state.clock()
            state.figures.lastReport = now
            var index = 0
            while index < reports.count {
                let report = reports[index]
                // Messages that were handed over together have all in common.
                var end = index + 1
                while end < reports.count, report.isAlike(reports[end]) { end += 1 }
                state.take(report, count: end - index, at: now)
                index = end
            }
        }
    }

    /// A message that librdkafka did not even take.
    package func refused(_ code: ErrorCode) {
        state.withLock { state in
            state.failed += 1
            state.figures.failuresByCode[code, default: 0] += 1
            state.figures.lastReport = state.clock()
        }
    }

    package func take(_ event: ProducerEvent) {
        if case .error(let error) = event { state.withLock { $0.figures.lastError = error } }
    }

    /// Ends an interval: its latencies, and how many failed in it.
    package func endInterval() -> (latency: Latencies, acknowledgement: Latencies, failed: Int) {
        state.withLock { state in
            let ended = (state.latency, state.acknowledgement, state.failed)
            state.fold()
            return ended
        }
    }

    package var figures: Figures {
        state.withLock { state in
            var figures = state.figures
            if state.warmUp == 0 {
                figures.latency.add(state.latency)
                figures.acknowledgement.add(state.acknowledgement)
            }
            return figures
        }
    }

    /// The counts alone, which cost nothing to read.
    package var counts: (acknowledged: Int, failed: Int, reported: Int) {
        state.withLock { ($0.figures.acknowledged, $0.figures.failed, $0.figures.reported) }
    }
}

extension DeliveryReport {
    /// Whether both say the same, the offsets aside.
    fileprivate func isAlike(_ other: DeliveryReport) -> Bool {
        token == other.token && error == other.error && latencyMicroseconds == other.latencyMicroseconds
    }
}

extension Tally.State {
    fileprivate mutating func take(_ report: DeliveryReport, count: Int, at now: UInt64) {
        if let error = report.error {
            failed += count
            figures.failuresByCode[error, default: 0] += count
            return
        }
        let intended = UInt64(report.token)
        let latency = (now > intended ? now - intended : 0) / 1_000
        let own = UInt64(report.latencyMicroseconds)
        self.latency.record(latency, count: count)
        acknowledgement.record(own, count: count)
        if intended < warmUp {
            figures.warmUp += count
            return
        }
        figures.acknowledged += count
        if warmUp > 0 {
            figures.latency.record(latency, count: count)
            figures.acknowledgement.record(own, count: count)
        }
    }

    /// Without a warm-up a latency is recorded once, for the interval, and added to the whole when that ends.
    fileprivate mutating func fold() {
        if warmUp == 0 {
            figures.latency.add(latency)
            figures.acknowledgement.add(acknowledgement)
        }
        latency = Latencies()
        acknowledgement = Latencies()
        failed = 0
    }
}
