internal import NIOCore

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Real time, as the cluster wants to be told it.
struct Clock {
    private let start = NIODeadline.now()

    var now: ClusterTime {
        var wall = timespec()
        // Writes to `wall` and nowhere else; Foundation's date would cost milliseconds at the start of the process.
        unsafe clock_gettime(CLOCK_REALTIME, &wall)
        return ClusterTime(
            elapsed: .nanoseconds((NIODeadline.now() - start).nanoseconds),
            wallMilliseconds: Int64(wall.tv_sec) * 1000 + Int64(wall.tv_nsec) / 1_000_000)
    }

    /// When the event loop reaches this time of the cluster's; no earlier.
    func deadline(_ elapsed: Duration) -> NIODeadline {
        let (seconds, attoseconds) = elapsed.components
        // A nanosecond more than the fraction, or the timer would find that nothing is due yet. A year is never.
        return start + .nanoseconds(min(seconds, 31_536_000) * 1_000_000_000 + attoseconds / 1_000_000_000 + 1)
    }
}
