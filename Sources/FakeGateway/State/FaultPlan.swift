import SeededRandom

/// Decides what goes wrong: the first rule that strikes, or else the closure.
struct FaultPlan: Sendable {
    private struct Armed: Sendable {
        let rule: FaultRule
        var skipped = 0
        var struck = 0
        /// Requests that matched and that no rule before took, and which of them were struck: where each run of them
        /// begins, and how long it is.
        var seen = 0
        var runs: [(start: Int, count: Int)] = []
        /// Set by the first request that sees the rule.
        var since: GatewayTime?

        mutating func strike() {
            struck += 1
            if let last = runs.last, last.start + last.count == seen - 1 {
                runs[runs.count - 1].count += 1
            } else if runs.count < FaultPlan.recordedLimit {
                runs.append((seen - 1, 1))
            }
        }
    }

    private static let recordedLimit = 1000

    private var rules: [Armed]
    private var generator: SeededGenerator
    var closure: (@Sendable (RecordedRequest) -> Fault?)?

    init(_ rules: [FaultRule], seed: UInt64) {
        self.rules = rules.map { Armed(rule: $0) }
        generator = SeededGenerator(seed: seed ^ 0x6661_756c_7473)
    }

    mutating func replace(_ rules: [FaultRule], now: GatewayTime) {
        self.rules = rules.map { Armed(rule: $0, since: now) }
    }

    /// Whether a request is to be looked at.
    var isArmed: Bool { !rules.isEmpty || closure != nil }

    /// In the order of the rules.
    var timesMet: [Int] { rules.map(\.struck) }

    /// What happened, as rules without chance.
    var recorded: [FaultRule] {
        Array(
            rules.flatMap { armed in
                var before = 0
                return armed.runs.map { run in
                    var rule = armed.rule
                    // A rule of the recording does not see what those before it struck.
                    rule.skip = run.start - before
                    rule.count = run.count
                    rule.probability = 1
                    rule.duration = nil
                    before += run.count
                    return rule
                }
            }.prefix(Self.recordedLimit))
    }

    mutating func decide(_ request: RecordedRequest, now: GatewayTime) -> Fault? {
        for index in rules.indices {
            let rule = rules[index].rule
            let since = rules[index].since ?? now
            rules[index].since = since
            guard rule.method == nil || rule.method == request.method,
                rule.path.map(request.target.hasPrefix) ?? true,
                rule.function == nil || rule.function == request.function,
                rule.duration.map({ now.duration(since: since) < $0 }) ?? true
            else { continue }
            rules[index].seen += 1
            guard rules[index].skipped >= rule.skip else {
                rules[index].skipped += 1
                continue
            }
            guard rules[index].struck < rule.count ?? .max else { continue }
            if rule.probability < 1, Double.random(in: 0..<1, using: &generator) >= rule.probability { continue }
            rules[index].strike()
            return rule.fault
        }
        return closure?(request)
    }
}
