import HTTP

/// A histogram of durations, in Prometheus' client library's own buckets.
struct RequestDurations: Sendable {
    private static let bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

    private(set) var count = 0
    private var seconds = 0.0
    /// How many are within each of `bounds` and not within the one before; the others are above all.
    private var buckets = [Int](repeating: 0, count: RequestDurations.bounds.count)

    mutating func add(_ duration: Duration) {
        let value = Double(duration.wholeNanoseconds) / 1e9
        count += 1
        seconds += value
        if let index = Self.bounds.firstIndex(where: { value <= $0 }) { buckets[index] += 1 }
    }

    /// The lines of one series.
    func write(_ name: String, _ labels: String, to text: inout PrometheusText) {
        var within = 0
        for (bound, count) in zip(Self.bounds, buckets) {
            within += count
            text.sample("\(name)_bucket", "\(labels),le=\"\(PrometheusText.number(bound))\"", Double(within))
        }
        text.sample("\(name)_bucket", "\(labels),le=\"+Inf\"", Double(count))
        text.sample("\(name)_sum", labels, seconds)
        text.sample("\(name)_count", labels, Double(count))
    }
}

/// Prometheus' text form, as Go's client library writes it.
struct PrometheusText {
    private(set) var lines: [String] = []

    mutating func family(_ name: String, _ type: String, _ help: String) {
        lines.append("# HELP \(name) \(help)")
        lines.append("# TYPE \(name) \(type)")
    }

    mutating func sample(_ name: String, _ labels: String, _ value: Double) {
        lines.append("\(name)\(labels.isEmpty ? "" : "{\(labels)}") \(Self.number(value))")
    }

    var text: String { lines.joined(separator: "\n") + "\n" }

    /// Whole numbers without a fraction.
    static func number(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? String(Int(value)) : String(value)
    }

    /// The value of a label.
    static func escaped(_ text: String) -> String {
        text.prometheusLabel
    }
}
