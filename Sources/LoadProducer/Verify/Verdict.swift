/// What the records of a topic say of a run.
package struct Verdict: Sendable, Encodable {
    /// What a verification can find wrong.
    package enum Trouble: String, Sendable, CaseIterable {
        case gaps, duplicates, reorder, corruption, aborted
    }

    /// Read, those of nobody included.
    package var records = 0
    package var sources: [String] = []
    /// Different records of the run.
    package var distinct = 0

    // MARK: Wrong

    /// Missing, and nothing allows it.
    package var lost = 0
    /// The same record at two offsets.
    package var duplicates = 0
    /// Behind a later one of the same producer, in one partition.
    package var reordered = 0
    /// Key, value or header changed.
    package var corrupted = 0
    /// Of aborted transactions, shown to a reader of committed ones only.
    package var abortedShown = 0

    // MARK: Allowed

    package var missingByAbort = 0
    package var missingByFailure = 0
    package var missingByCompaction = 0
    /// Of aborted transactions, shown to a reader that asked for them.
    package var abortedRead = 0
    /// Read twice from one offset, as after a rebalance.
    package var redelivered = 0
    /// Without the header, or of another run.
    package var foreign = 0

    /// Sequence numbers that are missing, some of them.
    package var gaps: [String] = []
    package var examples: [String] = []
    /// By the name of the function, where calls were followed.
    package var functions: [FunctionVerdict] = []
    /// Ended before everything that was expected had come.
    package var isIncomplete = false

    package init() {}

    package func count(_ trouble: Trouble) -> Int {
        switch trouble {
        case .gaps: lost
        case .duplicates: duplicates
        case .reorder: reordered
        case .corruption: corrupted
        case .aborted: abortedShown
        }
    }

    /// - Parameter allowed: Counted, and no failure.
    package func holds(allowing allowed: Set<Trouble>) -> Bool {
        Trouble.allCases.allSatisfy { allowed.contains($0) || count($0) == 0 } && !isIncomplete
            && functions.allSatisfy { $0.lost == 0 || allowed.contains(.gaps) }
    }

    package var text: String {
        var rows: [(name: String, value: String)] = [
            ("records", "\(records), \(distinct) different ones of \(sources.joined(separator: ", "))"),
            ("lost", "\(lost)"), ("duplicates", "\(duplicates)"), ("out of order", "\(reordered)"),
            ("corrupted", "\(corrupted)"), ("aborted and shown", "\(abortedShown)"),
        ]
        for (name, count) in [
            ("legal: missing, of aborted transactions", missingByAbort),
            ("legal: missing, reported as failed", missingByFailure),
            ("legal: missing, compacted away", missingByCompaction),
            ("legal: aborted, and asked for", abortedRead),
            ("legal: read again after a rebalance", redelivered),
            ("of others", foreign),
        ] where count > 0 {
            rows.append((name, "\(count)"))
        }
        for function in functions { rows.append(("function \(function.name)", function.text)) }
        if isIncomplete { rows.append(("ended", "before everything that was expected had come")) }
        let notes = gaps.map { "missing \($0)" } + examples
        return Columns.text(rows) + notes.map { "\n  \($0)" }.joined()
    }
}

/// What became of a run's records at one function.
package struct FunctionVerdict: Sendable, Encodable {
    package var name: String
    /// Calls with a record of the run.
    package var calls: Int
    /// Different records among them.
    package var records: Int
    /// Calls beyond one a record: at least once allows them.
    package var repeated: Int
    /// Records in the topic that no call had.
    package var lost: Int
    /// From the intended time to the call, in milliseconds.
    package var p50: Double
    package var p99: Double
    package var max: Double

    var text: String {
        "\(calls) calls of \(records) records, \(repeated) repeated, \(lost) lost; end to end p50 / p99 / max "
            + "\(p50) / \(p99) / \(max) ms"
    }
}
