// Follows records through to the calls of functions, by the header that each record carries and each call repeats.

package struct FollowLedger: Sendable {
    /// What a connector makes of the record's header.
    package static let header = "X-Kafka-\(VerificationHeader.name)"

    private struct Account: Sendable {
        var seen: [VerificationLedger.Source: SequenceSet] = [:]
        var calls = 0
        var latency = Latencies()
    }

    private static let mostFunctions = 10_000
    private static let mostSources = 1_000

    private let run: String?
    private var accounts: [String: Account] = [:]

    /// - Parameters:
    ///   - functions: Those that are to be called; one that never is lost everything.
    ///   - run: Only of this run; `nil`: of all.
    package init(functions: [String], run: String?) {
        self.run = run
        for function in functions { accounts[function] = Account() }
    }

    /// - Parameters:
    ///   - header: The value of `header`.
    ///   - time: When the call arrived, in nanoseconds since 1970.
    package mutating func take(function: String, header: some StringProtocol, at time: Int64) {
        guard let header = VerificationHeader(header), run == nil || header.run == run,
            accounts[function] != nil || accounts.count < Self.mostFunctions
        else { return }
        var account = accounts.removeValue(forKey: function) ?? Account()
        defer { accounts[function] = account }
        let source = VerificationLedger.Source(run: header.run, producer: header.producer)
        guard account.seen[source] != nil || account.seen.count < Self.mostSources else { return }
        account.calls += 1
        if account.seen[source, default: SequenceSet()].insert(header.sequence) == .new {
            account.latency.record(UInt64(max(0, time - header.intended)) / 1_000)
        }
    }

    /// The fewest different records that any function was called with.
    package var least: Int {
        accounts.values.map { $0.seen.values.reduce(0) { $0 + $1.count } }.min() ?? 0
    }

    /// - Parameter records: How many each function should have been called with.
    package func verdicts(of records: Int) -> [FunctionVerdict] {
        accounts.sorted { $0.key < $1.key }.map { name, account in
            let distinct = account.seen.values.reduce(0) { $0 + $1.count }
            func milliseconds(_ microseconds: UInt64) -> Double { Double(microseconds) / 1_000 }
            return FunctionVerdict(
                name: name, calls: account.calls, records: distinct, repeated: account.calls - distinct,
                lost: max(0, records - distinct), p50: milliseconds(account.latency.percentile(50)),
                p99: milliseconds(account.latency.percentile(99)), max: milliseconds(account.latency.max))
        }
    }
}
