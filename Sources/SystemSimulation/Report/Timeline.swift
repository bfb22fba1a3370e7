import Simulation

extension SystemOutcome {
    /// The journal in words, a line an event.
    public var journal: [String] {
        events.map { "\(TraceText.time($0.time))  \(TraceText.line($0, plan))" }
    }

    /// What a reader needs to see first: the verdict, the plan in brief, and the journal with marks where it broke.
    public func timeline(replay command: String) -> String {
        var lines = [
            "seed \(plan.seed), trace \(hashText), \(events.count) events in "
                + "\(TraceText.time(nanoseconds)) of virtual time",
            "replay: \(command)",
            "",
            plan.summary,
            "",
        ]
        lines += violations.isEmpty ? ["no invariant is broken"] : violations.map { "BROKEN: \($0)" }
        lines.append("")
        let marks = Dictionary(grouping: violations, by: \.eventNumber)
        for (number, line) in journal.enumerated() {
            lines.append(line)
            for violation in marks[number] ?? [] {
                lines.append("  ^^^ invariant \(violation.invariant.rawValue): \(violation.detail)")
            }
        }
        for violation in marks[events.count] ?? [] {
            lines.append("  ^^^ invariant \(violation.invariant.rawValue): \(violation.detail)")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private var nanoseconds: Int64 { events.last?.time ?? 0 }
}

extension SystemPlan {
    /// In a few lines.
    public var summary: String {
        var lines = [
            "\(brokers) brokers, topics with \(partitions) partitions, \(replicas) replicas, "
                + "\(functions.count) functions, \(messages.count) messages, \(faults.count) faults",
            "\(settings.atLeastOnce ? "at least once" : "at most once"), ordering \(settings.ordering), "
                + "max_in_flight \(settings.maxInFlight), session \(settings.sessionMilliseconds) ms, "
                + (settings.isCooperative ? "cooperative" : "eager") + " rebalancing",
        ]
        lines.append(
            "values: \(values.payload), size \(values.size), tombstones \(values.tombstones); "
                + "\(Set(messages.compactMap(\.key)).count) keys")
        lines += faults.enumerated().map { number, planned in
            "fault \(number): at \(planned.atMilliseconds) ms for \(planned.forMilliseconds) ms: \(planned.fault)"
        }
        return lines.joined(separator: "\n")
    }
}
