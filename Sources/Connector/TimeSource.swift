/// The connector's only clock: any clock, as time since this value was made.
public struct TimeSource: Sendable {
    private let elapsed: @Sendable () -> Duration
    private let wait: @Sendable (Duration) async throws -> Void

    public init<C: Clock>(_ clock: C) where C.Duration == Duration {
        let start = clock.now
        elapsed = { start.duration(to: clock.now) }
        wait = { try await clock.sleep(for: $0) }
    }

    /// - Parameters:
    ///   - elapsed: Time since this value was made.
    ///   - wait: Waits on the executor of whoever calls it, where a clock's own `sleep` changes to another and back.
    package init(
        elapsed: @escaping @Sendable () -> Duration, wait: @escaping @Sendable (Duration) async throws -> Void
    ) {
        self.elapsed = elapsed
        self.wait = wait
    }

    /// Time since this value was made.
    public var now: Duration { elapsed() }

    /// Waits; throws `CancellationError` when the task is cancelled.
    public func sleep(for duration: Duration) async throws { try await wait(duration) }
}
