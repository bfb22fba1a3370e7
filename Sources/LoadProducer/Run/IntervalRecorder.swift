import Kafka
import Synchronization

/// Turns counts that grow into intervals, and into what is shown of a run while it goes on.
final class IntervalRecorder: Sendable {
    private struct State {
        var intervals: [Interval] = []
        var sent = 0
        var bytes = 0
        var reported = 0
        var end: UInt64 = 0
    }

    /// A run of years with intervals of 10 ms would fill the memory; what is beyond is left out.
    private static let most = 1_000_000

    private let run: ProducingRun
    private let tally: Tally
    private let load: LoadSettings
    private let state = Mutex(State())

    init(_ run: ProducingRun, _ tally: Tally, _ load: LoadSettings) {
        self.run = run
        self.tally = tally
        self.load = load
    }

    var intervals: [Interval] { state.withLock { $0.intervals } }

    /// Ends the interval under way, and returns it.
    @discardableResult
    func end() -> Interval {
        let now = run.now
        let sent = run.sentCount
        let bytes = run.sentBytes
        let counts = tally.counts
        let ended = tally.endInterval()
        return state.withLock { state in
            var interval = Interval()
            interval.end = Double(now) / 1e9
            interval.seconds = Double(now - min(now, state.end)) / 1e9
            interval.sent = sent - state.sent
            interval.bytes = bytes - state.bytes
            interval.failed = ended.failed
            interval.acknowledged = counts.reported - state.reported - ended.failed
            interval.targetRate = run.targetRate(at: now)
            interval.p50 = Double(ended.latency.percentile(50)) / 1_000
            interval.p99 = Double(ended.latency.percentile(99)) / 1_000
            interval.max = Double(ended.latency.max) / 1_000
            interval.acknowledgementP99 = Double(ended.acknowledgement.percentile(99)) / 1_000
            interval.lag = Double(run.lag) / 1e6
            interval.inFlight = max(0, sent - counts.reported)
            interval.isWarmUp = .nanoseconds(Int64(clamping: state.end)) < load.warmUp
            state.sent = sent
            state.bytes = bytes
            state.reported = counts.reported
            state.end = now
            if state.intervals.count < Self.most { state.intervals.append(interval) }
            return interval
        }
    }

    func progress(_ interval: Interval) -> Progress {
        let counts = tally.counts
        var progress = Progress()
        progress.sent = run.sentCount
        progress.acknowledged = counts.reported - counts.failed
        progress.failed = counts.failed
        progress.inFlight = max(0, progress.sent - counts.reported)
        progress.rate = interval.rate
        progress.p99 = UInt64(interval.p99 * 1_000)
        progress.lag = .nanoseconds(Int64(clamping: run.lag))
        let elapsed = Duration.nanoseconds(Int64(clamping: run.now))
        progress.isWarmUp = elapsed < load.warmUp
        let shares = [
            load.messages.map { Double(progress.sent) / Double($0) }, load.duration.map { elapsed / $0 },
        ].compactMap(\.self)
        progress.share = shares.max()
        if let share = progress.share, share > 0 { progress.left = elapsed * max(0, 1 / share - 1) }
        return progress
    }

    var page: PrometheusPage {
        let figures = tally.figures
        var page = PrometheusPage()
        page.sent = run.sentCount
        page.bytes = run.sentBytes
        page.acknowledged = figures.acknowledged
        page.failures = figures.failures
        page.inFlight = max(0, page.sent - figures.reported)
        page.lagSeconds = Double(run.lag) / 1e9
        page.targetRate = run.targetRate(at: run.now)
        page.latency = figures.latency
        page.acknowledgement = figures.acknowledgement
        return page
    }
}

extension Tally.Figures {
    var failures: [Report.Failure] {
        failuresByCode.sorted { $0.key.name < $1.key.name }
            .map { Report.Failure(name: $0.key.name, text: $0.key.text, count: $0.value) }
    }
}
