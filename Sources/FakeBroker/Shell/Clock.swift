internal import NIOCore

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// The cluster's time, as it wants to be told it: the machine's, or one that passes when it is told to.
struct Clock {
    private let start = NIODeadline.now()
    /// How much less than the time since the start has elapsed, for the cluster was put back.
    private var setBack = Duration.zero
    /// Nil: time is real.
    private var virtual: (elapsed: Duration, startMilliseconds: Int64)?

    init(_ time: FakeBroker.Configuration.Time = .real) {
        if case .virtual(let start) = time { virtual = (.zero, start ?? Self.wallMilliseconds) }
    }

    var now: ClusterTime {
        if let virtual {
            let milliseconds =
                virtual.elapsed.components.seconds * 1000
                + virtual.elapsed.components.attoseconds / 1_000_000_000_000_000
            return ClusterTime(
                elapsed: virtual.elapsed, wallMilliseconds: virtual.startMilliseconds + milliseconds)
        }
        return ClusterTime(elapsed: sinceStart - setBack, wallMilliseconds: Self.wallMilliseconds)
    }

    var isVirtual: Bool { virtual != nil }

    private var sinceStart: Duration { .nanoseconds((NIODeadline.now() - start).nanoseconds) }

    private static var wallMilliseconds: Int64 {
        // A `timespec`, which is these two words: its own members are at times taken for another module's, by what else
        // is imported. Foundation's date would cost milliseconds at the start of the process.
        var wall = (seconds: 0, nanoseconds: 0)
        // Writes to `wall` and nowhere else.
        unsafe withUnsafeMutablePointer(to: &wall) { words in
            let time = unsafe UnsafeMutableRawPointer(words).assumingMemoryBound(to: timespec.self)
            _ = unsafe clock_gettime(CLOCK_REALTIME, time)
        }
        return Int64(wall.seconds) * 1000 + Int64(wall.nanoseconds) / 1_000_000
    }

    /// When the event loop reaches this time of the cluster's; no earlier. Nil: it never does, for time is virtual.
    func deadline(_ elapsed: Duration) -> NIODeadline? {
        guard virtual == nil else { return nil }
        let (seconds, attoseconds) = (elapsed + setBack).components
        // A nanosecond more than the fraction, or the timer would find that nothing is due yet. A year is never.
        return start + .nanoseconds(min(seconds, 31_536_000) * 1_000_000_000 + attoseconds / 1_000_000_000 + 1)
    }

    /// Virtual time only.
    mutating func reach(_ elapsed: Duration) {
        if let virtual, virtual.elapsed < elapsed { self.virtual?.elapsed = elapsed }
    }

    /// It is this time of the cluster's again.
    mutating func goBack(to elapsed: Duration) {
        if virtual != nil { virtual?.elapsed = elapsed } else { setBack = sinceStart - elapsed }
    }
}
