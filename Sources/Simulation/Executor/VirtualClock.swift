/// A clock that moves only when nothing is left to do.
public struct VirtualClock: Clock {
    public struct Instant: InstantProtocol {
        /// Since the simulation began.
        public var offset: Duration

        public init(offset: Duration) { self.offset = offset }

        public func advanced(by duration: Duration) -> Instant { Instant(offset: offset + duration) }
        public func duration(to other: Instant) -> Duration { other.offset - offset }
        public static func < (left: Instant, right: Instant) -> Bool { left.offset < right.offset }
    }

    let executor: SeededExecutor

    public var now: Instant { Instant(offset: executor.now) }
    public var minimumResolution: Duration { .nanoseconds(1) }

    public func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        try await executor.sleep(until: deadline.offset)
    }
}
