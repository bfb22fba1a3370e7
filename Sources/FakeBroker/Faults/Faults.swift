internal import KafkaProtocol

/// A plan under way: which rules have met how many requests, and what befalls the next.
///
/// Has chance of its own, so that a plan changes none of the ids that the cluster gives out.
struct Faults: Sendable {
    private struct Active: Sendable {
        let rule: FaultRule
        let apis: [APIKey]
        var matched = 0
        var met = 0
        /// Which of those that matched were met: where each run of them begins, and how long it is.
        var runs: [(start: Int, count: Int)] = []

        mutating func meet() {
            met += 1
            if let last = runs.last, last.start + last.count == matched - 1 {
                runs[runs.count - 1].count += 1
            } else if runs.count < FaultPlan.rulesLimit {
                runs.append((matched - 1, 1))
            }
        }
    }

    /// What befalls a request.
    struct Verdict: Sendable {
        var delay = Duration.zero
        var act: FaultAction?
        /// Those that the act is about; nil: it is about the whole request.
        var topics: [String]?
        /// The rules that met it.
        var names: [String] = []
    }

    private var active: [Active]
    private var random: SeededGenerator
    let looksAtTopics: Bool

    init(_ plan: FaultPlan, seed: UInt64) {
        active = plan.rules.map { rule in
            let apis = rule.apis.isEmpty ? rule.act?.apis ?? [] : rule.apis
            return Active(rule: rule, apis: apis.compactMap(APIKey.named))
        }
        looksAtTopics = plan.rules.contains { $0.topic != nil }
        random = SeededGenerator(seed: seed ^ 0xFA17)
    }

    var isEmpty: Bool { active.isEmpty }
    var plan: FaultPlan { FaultPlan(active.map(\.rule)) }
    /// In the order of the rules.
    var timesMet: [Int] { active.map(\.met) }

    /// What happened, as rules without chance, as many as a plan may have.
    var recorded: FaultPlan {
        FaultPlan(
            Array(
                active.flatMap { active in
                    active.runs.map { run in
                        var rule = active.rule
                        rule.after = run.start
                        rule.count = run.count
                        rule.probability = 1
                        return rule
                    }
                }.prefix(FaultPlan.rulesLimit)))
    }

    /// - Parameter topics: those that the request names; not needed unless the plan ``looksAtTopics``.
    mutating func meet(_ context: RequestContext, topics: [String]) -> Verdict {
        var verdict = Verdict()
        for index in active.indices {
            let rule = active[index].rule
            guard active[index].apis.isEmpty || active[index].apis.contains(context.apiKey),
                rule.brokers.isEmpty || rule.brokers.contains(Int(context.broker)),
                rule.clientID.map({ Self.matches($0, context.clientID ?? "") }) ?? true
            else { continue }
            if let topic = rule.topic {
                guard topics.contains(where: { Self.matches(topic, $0) }) else { continue }
            }
            active[index].matched += 1
            // What another rule has decided already is no meeting of this one.
            guard active[index].matched > rule.after, active[index].met < rule.count ?? .max,
                rule.act == nil || verdict.act == nil, happens(rule.probability)
            else { continue }
            active[index].meet()
            verdict.delay += rule.delay
            if verdict.act == nil, let act = rule.act {
                verdict.act = act
                verdict.topics = rule.topic.map { topic in topics.filter { Self.matches(topic, $0) } }
            }
            verdict.names.append(rule.name ?? "rule \(index)")
        }
        return verdict
    }

    /// Bits of a reply, to be taken modulo its length.
    mutating func chooseBits(_ count: Int) -> [UInt64] { (0..<count).map { _ in random.next() } }

    private mutating func happens(_ probability: Double) -> Bool {
        if probability >= 1 { return true }
        return Double(random.next() >> 11) * 0x1p-53 < probability
    }

    private static func matches(_ pattern: String, _ text: String) -> Bool {
        pattern.hasSuffix("*") ? text.hasPrefix(pattern.dropLast()) : text == pattern
    }
}
