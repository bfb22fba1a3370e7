import Histogram
import Kafka

/// What a run came to.
struct Summary {
    private let figures: Tally.Figures
    private let produced: Int
    private let messageBytes: Int
    private let seconds: Double

    init(_ figures: Tally.Figures, produced: Int, messageBytes: Int, seconds: Double) {
        self.figures = figures
        self.produced = produced
        self.messageBytes = messageBytes
        self.seconds = seconds
    }

    var failed: Int { figures.failed }

    /// Two columns, ready to print.
    var text: String {
        var rows: [(String, String)] = [
            ("sent", "\(produced) messages of \(messageBytes) B in \(rounded(seconds)) s"),
            ("acknowledged", "\(figures.acknowledged)"),
            ("failed", "\(failed)"),
        ]
        rows += figures.failuresByCode.sorted { $0.key.name < $1.key.name }
            .map { ("  \($0.key.name)", "\($0.value) (\($0.key.text))") }
        let rate = Double(figures.acknowledged) / max(seconds, 1e-9)
        rows.append(("rate", "\(Int(rate)) messages/s, \(rounded(rate * Double(messageBytes) / 1e6)) MB/s"))
        if figures.acknowledged > 0 {
            let latency = figures.latency
            rows.append(
                (
                    "latency p50 / p95 / p99 / max",
                    [50, 95, 99].map { milliseconds(latency.valueAtPercentile($0)) }.joined(separator: " / ")
                        + " / \(milliseconds(latency.max))"
                ))
        }
        let width = rows.map(\.0.count).max() ?? 0
        return rows.map { name, value in
            name + String(repeating: " ", count: width - name.count + 2) + value
        }.joined(separator: "\n")
    }

    private func milliseconds(_ microseconds: UInt64) -> String { "\(rounded(Double(microseconds) / 1_000)) ms" }

    private func rounded(_ value: Double) -> Double { (value * 100).rounded() / 100 }
}
