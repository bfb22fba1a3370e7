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
    /// Messages of other topics and runs never reach a run's own broker, so these must be equal.
    var isBalanced: Bool {
        notProduced == 0 && account.isBalanced && account.received == produced && account.failuresByKind.isEmpty
            && account.dropped.isEmpty && callsByFunction.map(\.calls).reduce(0, +) == account.invocations
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
        rows.append(("dropped", "\(account.dropped.values.reduce(0, +) + account.unmatched + notProduced)"))
        if notProduced > 0 { rows.append(("  not produced", "\(notProduced)")) }
        if account.unmatched > 0 { rows.append(("  no function", "\(account.unmatched)")) }
        rows += account.dropped.sorted { $0.key.rawValue < $1.key.rawValue }
            .map { ("  \($0.key.rawValue)", "\($0.value)") }
        rows += account.refused.sorted { $0.key < $1.key }
            .map { ("not handed over: \($0.key)", "\($0.value), and read again by their owner") }
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

    private func percentiles(_ histogram: Histogram<UInt64>) -> String {
        [histogram.valueAtPercentile(50), histogram.valueAtPercentile(99), histogram.max]
            .map { "\(rounded(Double($0) / 1000)) ms" }.joined(separator: " / ")
    }

    private func rounded(_ value: Double) -> Double { (value * 100).rounded() / 100 }
}
