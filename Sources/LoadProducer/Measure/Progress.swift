/// How far a run is, in one line.
package struct Progress: Sendable {
    package var sent = 0
    package var acknowledged = 0
    package var failed = 0
    package var inFlight = 0
    /// Acknowledged messages a second of late.
    package var rate = 0.0
    package var p99: UInt64 = 0
    /// How far the schedule is behind.
    package var lag = Duration.zero
    /// From 0 to 1; `nil` if nobody knows the end.
    package var share: Double?
    /// Until the end, if that is known.
    package var left: Duration?
    package var isWarmUp = false

    package init() {}

    package var text: String {
        var parts: [String] = []
        if isWarmUp { parts.append("warm-up") }
        if let share { parts.append("\(Int(min(1, share) * 100))%") }
        parts.append("sent \(sent)")
        parts.append("acknowledged \(acknowledged)")
        parts.append("failed \(failed)")
        parts.append("in flight \(inFlight)")
        parts.append("\(Int(min(rate, 1e18)))/s")
        parts.append("p99 \(Text.milliseconds(p99))")
        if lag > .milliseconds(1) { parts.append("behind schedule \(Text.milliseconds(lag))") }
        if let left { parts.append("\(Int(min(left / .seconds(1), 1e18)) + 1) s left") }
        return parts.joined(separator: " | ")
    }
}
