/// What happened in one stretch of a run, a second unless told otherwise.
package struct Interval: Sendable, Codable, Equatable {
    /// Seconds from the start of the run to the end of the interval.
    package var end = 0.0
    package var seconds = 0.0
    package var sent = 0
    package var acknowledged = 0
    package var failed = 0
    package var bytes = 0
    /// Messages a second that the schedule asks for at the end of the interval; 0 where there is none.
    package var targetRate = 0.0
    /// Of those acknowledged in the interval, from the intended time, in milliseconds.
    package var p50 = 0.0
    package var p99 = 0.0
    package var max = 0.0
    /// From the call to librdkafka to the acknowledgement, in milliseconds.
    package var acknowledgementP99 = 0.0
    /// How far the schedule is behind at the end of the interval, in milliseconds.
    package var lag = 0.0
    /// Sent and without a report at the end of the interval.
    package var inFlight = 0
    package var isWarmUp = false

    package init() {}

    package var rate: Double { seconds > 0 ? Double(acknowledged) / seconds : 0 }
}

package enum IntervalTable {
    private static let columns: [(name: String, value: @Sendable (Interval) -> String)] = [
        ("seconds", { rounded($0.end) }), ("sent", { "\($0.sent)" }), ("acknowledged", { "\($0.acknowledged)" }),
        ("failed", { "\($0.failed)" }), ("bytes", { "\($0.bytes)" }), ("rate", { rounded($0.rate) }),
        ("target_rate", { rounded($0.targetRate) }), ("latency_p50_ms", { rounded($0.p50) }),
        ("latency_p99_ms", { rounded($0.p99) }), ("latency_max_ms", { rounded($0.max) }),
        ("acknowledgement_p99_ms", { rounded($0.acknowledgementP99) }), ("schedule_lag_ms", { rounded($0.lag) }),
        ("in_flight", { "\($0.inFlight)" }), ("warm_up", { $0.isWarmUp ? "1" : "0" }),
    ]

    /// A line for the names, then one for each interval.
    package static func csv(_ intervals: [Interval]) -> String {
        let lines =
            [columns.map(\.name)] + intervals.map { interval in columns.map { $0.value(interval) } }
        return lines.map { $0.joined(separator: ",") + "\n" }.joined()
    }

    private static func rounded(_ value: Double) -> String { "\((value * 1000).rounded() / 1000)" }
}
