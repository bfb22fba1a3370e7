/// The clock of one simulated machine: it goes faster or slower than the others, and may jump.
// Sendable without a lock, for only jobs and events of the executor touch it, and that is one thread.
public final class SkewedClock: Clock, @unchecked Sendable {
    public typealias Instant = VirtualClock.Instant

    private struct State {
        /// Seconds that it counts in one second of true time.
        var rate = 1.0
        /// What it showed, and what the time truly was, when its rate changed last.
        var shown: Duration
        var truly: Duration
    }

    private let executor: SeededExecutor
    private var state: State

    public init(_ executor: SeededExecutor, rate: Double = 1) {
        self.executor = executor
        state = State(rate: rate, shown: executor.now, truly: executor.now)
    }

    public var now: Instant {
        let passed = executor.now - state.truly
        return Instant(offset: state.shown + (state.rate == 1 ? passed : passed * state.rate))
    }

    public var minimumResolution: Duration { .nanoseconds(1) }

    /// From now on it counts so many seconds in a second. Sleepers that wait already are not moved.
    public func setRate(_ rate: Double) {
        state = State(rate: max(rate, 0.001), shown: now.offset, truly: executor.now)
    }

    /// It shows so much more, or less, from now on: what a wall clock does when it is set. Sleeps are not affected.
    public func jump(by duration: Duration) { state.shown = state.shown + duration }

    /// How much of true time passes while this clock counts `duration`.
    public func trueDuration(of duration: Duration) -> Duration {
        state.rate == 1 ? duration : duration / state.rate
    }

    public func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        let left = now.duration(to: deadline)
        try await executor.sleep(until: executor.now + trueDuration(of: left))
    }
}
