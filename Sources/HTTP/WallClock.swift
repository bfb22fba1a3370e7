// The one place of this target that reads the time of day. Shells ask it; cores get what it says as an argument.

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The system's time of day.
package enum WallClock {
    /// Nanoseconds since 1970-01-01T00:00:00Z.
    package static func unixNanoseconds() -> Int64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
