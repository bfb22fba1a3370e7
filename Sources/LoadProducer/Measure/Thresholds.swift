/// What a run must hold for its exit code to be 0.
package struct Thresholds: Sendable, Equatable {
    package enum Errors: Sendable, Equatable {
        case count(Int)
        /// Of those sent, from 0 to 100.
        case percent(Double)

        /// Reads `10` or `0.5%`.
        package init?(_ text: String) {
            if text.hasSuffix("%") {
                guard let percent = Double(text.dropLast()), (0...100).contains(percent) else { return nil }
                self = .percent(percent)
            } else {
                guard let count = Int(text), count >= 0 else { return nil }
                self = .count(count)
            }
        }
    }

    /// Of the latency from the intended time.
    package var maxP99: Duration?
    /// Without it, none may fail.
    package var maxErrors: Errors?
    /// Acknowledged messages a second.
    package var minRate: Double?

    package init(maxP99: Duration? = nil, maxErrors: Errors? = nil, minRate: Double? = nil) {
        self.maxP99 = maxP99
        self.maxErrors = maxErrors
        self.minRate = minRate
    }

    /// What did not hold, a line each.
    package func broken(by report: Report) -> [String] {
        var broken: [String] = []
        if let maxP99 {
            let p99 = Duration.microseconds(Int64(clamping: report.latency.percentile(99)))
            if p99 > maxP99 || report.acknowledged == 0 {
                broken.append("max-p99: \(Text.milliseconds(p99)) is more than \(Text.milliseconds(maxP99))")
            }
        }
        switch maxErrors ?? .count(0) {
        case .count(let most):
            if report.failed > most { broken.append("max-errors: \(report.failed) failed, more than \(most)") }
        case .percent(let most):
            let percent = report.sent > 0 ? Double(report.failed) * 100 / Double(report.sent) : 0
            if percent > most { broken.append("max-errors: \(Text.rounded(percent))% failed, more than \(most)%") }
        }
        if let minRate, report.rate < minRate {
            broken.append("min-rate: \(Text.rounded(report.rate)) messages/s are less than \(minRate)")
        }
        return broken
    }
}

enum Text {
    static func rounded(_ value: Double) -> Double { (value * 100).rounded() / 100 }
    static func milliseconds(_ duration: Duration) -> String { "\(rounded(duration / .milliseconds(1))) ms" }
    static func milliseconds(_ microseconds: UInt64) -> String { "\(rounded(Double(microseconds) / 1_000)) ms" }
}
