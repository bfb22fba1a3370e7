import Connector
import Histogram

/// What a run came to: the account of every message, and whether it balances.
struct Report {
    var produced: Int
    var notProduced: Int
    var account: Ledger.Account
    /// Calls by function, as the gateway counted them.
    var callsByFunction: [(name: String, calls: Int)]
    var latencies: LatencyObserver.Latencies
    var duration: Duration
    /// Whether every message that Kafka took has an end, and every call that got a reply was seen by the gateway.
    var isBalanced: Bool {
        let seen = callsByFunction.map(\.calls).reduce(0, +)
        let replied = account.repliesByStatus.values.reduce(0, +)
        return account.isBalanced && account.received == produced && (replied...account.invocations).contains(seen)
    }

    /// Two columns, ready to print.
    var table: String {
        var rows: [(String, String)] = [
            ("produced", "\(produced)"),
            ("consumed", "\(account.received)"),
            ("invoked", "\(account.invocations)"),
        ]
        rows += callsByFunction.map { ("  \($0.name)", "\($0.calls)") }
        rows += account.repliesByStatus.sorted { $0.key < $1.key }.map { ("  status \($0.key)", "\($0.value)") }
        rows += account.failuresByKind.sorted { $0.key.rawValue < $1.key.rawValue }
            .map { ("  failed: \($0.key.rawValue)", "\($0.value)") }
        rows.append(("dropped", "\(drops.map(\.count).reduce(0, +))"))
        rows += drops.filter { $0.count > 0 }.map { ("  \($0.reason)", "\($0.count)") }
        rows += account.refused.sorted { $0.key < $1.key }
            .map { ("not handed over: \($0.key)", "\($0.value), for their next owner unless they were committed") }
        rows.append(("duration", "\(rounded(duration.seconds)) s"))
        rows.append(("rate", "\(Int(Double(account.handled) / max(duration.seconds, 1e-9))) messages/s"))
        rows.append(("call p50 / p99 / max", percentiles(latencies.call)))
        rows.append(("end to end p50 / p99 / max", percentiles(latencies.endToEnd)))
        rows.append(("ledger", isBalanced ? "balanced" : "NOT BALANCED"))
        let width = rows.map(\.0.count).max() ?? 0
        return rows.map { name, value in
            name + String(repeating: " ", count: width - name.count + 2) + value
        }.joined(separator: "\n")
    }

    /// Messages, and calls of functions, that came to nothing, by reason.
    private var drops: [(reason: String, count: Int)] {
        [("not_produced", notProduced)]
            + SkipReason.allCases.map { ($0.rawValue, account.skipped[$0] ?? 0) }
            + DropReason.allCases.map { ($0.rawValue, account.dropped[$0] ?? 0) }
            + GiveUpReason.allCases.map { ($0.rawValue, account.gaveUp[$0] ?? 0) }
    }

    private func percentiles(_ histogram: Histogram<UInt64>) -> String {
        [histogram.valueAtPercentile(50), histogram.valueAtPercentile(99), histogram.max]
            .map { "\(rounded(Double($0) / 1000)) ms" }.joined(separator: " / ")
    }

    private func rounded(_ value: Double) -> Double { (value * 100).rounded() / 100 }
}
