import SeededRandom

/// Decides what goes wrong: the first rule that strikes, or else the closure.
struct FaultPlan: Sendable {
    private struct Armed: Sendable {
        let rule: FaultRule
        var skipped = 0
        var struck = 0
        /// Set by the first request that sees the rule.
        var since: GatewayTime?
    }

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
            guard rules[index].skipped >= rule.skip else {
                rules[index].skipped += 1
                continue
            }
            guard rules[index].struck < rule.count ?? .max else { continue }
            if rule.probability < 1, Double.random(in: 0..<1, using: &generator) >= rule.probability { continue }
            rules[index].struck += 1
            return rule.fault
        }
        return closure?(request)
    }
}
