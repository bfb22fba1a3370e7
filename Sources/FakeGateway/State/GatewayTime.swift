/// The time of an event, as the shell or the simulator says.
package struct GatewayTime: Sendable, Hashable, Comparable {
    /// Since 1970.
    package var unixNanoseconds: Int64

    package init(unixNanoseconds: Int64) { self.unixNanoseconds = unixNanoseconds }

    package static func < (left: GatewayTime, right: GatewayTime) -> Bool {
        left.unixNanoseconds < right.unixNanoseconds
    }

    func duration(since other: GatewayTime) -> Duration { .nanoseconds(unixNanoseconds - other.unixNanoseconds) }

    /// A time too far to be told is the last one that can be.
    package func advanced(by duration: Duration) -> GatewayTime {
        advanced(byNanoseconds: duration.wholeNanoseconds)
    }

    func advanced(byNanoseconds nanoseconds: Int64) -> GatewayTime {
        let (sum, overflows) = unixNanoseconds.addingReportingOverflow(nanoseconds)
        return GatewayTime(unixNanoseconds: overflows ? .max : sum)
    }
}

extension Duration {
    /// Saturates, after 292 years.
    var wholeNanoseconds: Int64 { Int64(clamping: attoseconds / 1_000_000_000) }

    /// As Go's `%f` writes seconds: six decimals.
    var secondsText: String {
        let microseconds = max(0, wholeNanoseconds) / 1000
        let fraction = String(microseconds % 1_000_000)
        return "\(microseconds / 1_000_000).\(String(repeating: "0", count: 6 - fraction.count))\(fraction)"
    }
}
