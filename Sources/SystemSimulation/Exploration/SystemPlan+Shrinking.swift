// A plan that fails, made as small as it can be while it fails in the same way.

import Simulation

extension SystemPlan {
    /// The smallest plan that was found which still breaks `invariant`.
    ///
    /// - Parameter tries: How many runs it may take.
    public func shrunk(breaking invariant: InvariantName, tries: Int = 600) -> SystemPlan {
        shrunk(breaking: invariant, tries: tries, standing: StandingFaults())
    }

    package func shrunk(
        breaking invariant: InvariantName, tries: Int = 600, standing: StandingFaults = StandingFaults(),
        sabotage: (any Sabotage)? = nil
    ) -> SystemPlan {
        var shrinker = Shrinker(plan: self, tries: tries) { plan in
            SystemRun.run(plan, standing: standing, sabotage: sabotage).violations.contains {
                $0.invariant == invariant
            }
        }
        shrinker.run()
        return shrinker.plan
    }
}

private struct Shrinker {
    var plan: SystemPlan
    var tries: Int
    let fails: (SystemPlan) -> Bool

    init(plan: SystemPlan, tries: Int, fails: @escaping (SystemPlan) -> Bool) {
        self.plan = plan
        self.tries = tries
        self.fails = fails
    }

    mutating func run() {
        // What one pass leaves out may let the next leave out more.
        for _ in 0..<4 where tries > 0 {
            let before = plan
            shrinkFaults()
            shrinkMessages()
            shrinkFunctions()
            shrinkReplicas()
            simplify()
            if plan == before { break }
        }
    }

    private mutating func attempt(_ change: (inout SystemPlan) -> Void) {
        var candidate = plan
        change(&candidate)
        guard tries > 0, candidate != plan else { return }
        tries -= 1
        if fails(candidate) { plan = candidate }
    }

    private mutating func shrinkFaults() { shrinkList(\.faults, seeds: 4) }
    private mutating func shrinkMessages() { shrinkList(\.messages, seeds: 1) }

    /// - Parameter seeds: A smaller plan may need but another order of jobs to fail, so it is tried with so many.
    private mutating func shrinkList<Item>(_ list: WritableKeyPath<SystemPlan, [Item]>, seeds: UInt64) {
        var smallest = plan
        var left = tries
        var runs = 0
        let most = tries
        let fails = fails
        _ = shrink(plan[keyPath: list], tries: &left) { items in
            var candidate = smallest
            candidate[keyPath: list] = items
            let seed = candidate.seed
            for offset in 0..<seeds where runs < most {
                runs += 1
                candidate.seed = seed &+ offset &* 0x9e37_79b9
                if fails(candidate) {
                    smallest = candidate
                    return true
                }
            }
            return false
        }
        tries = max(0, tries - runs)
        plan = smallest
    }

    private mutating func shrinkFunctions() {
        while plan.functions.count > 1 {
            let count = plan.functions.count
            // Faults name functions by number, so only the last can go.
            attempt { $0.functions.removeLast() }
            if plan.functions.count == count { break }
        }
        for index in plan.functions.indices where plan.functions[index].topics.count > 1 {
            attempt { $0.functions[index].topics.removeLast() }
        }
    }

    private mutating func shrinkReplicas() {
        while plan.replicas > 1 {
            let count = plan.replicas
            attempt { $0.replicas -= 1 }
            if plan.replicas == count { break }
        }
        attempt { $0.brokers = 1 }
    }

    /// Plainer values, where they do as well.
    private mutating func simplify() {
        for index in plan.functions.indices {
            attempt { $0.functions[index].failurePercent = 0 }
            attempt { $0.functions[index].maxInFlight = nil }
        }
        attempt { $0.values = ValuePlan(seed: $0.values.seed) }
        attempt { for index in $0.messages.indices { $0.messages[index].key = nil } }
        attempt { $0.settings.ordering = "partition" }
        attempt { $0.settings.isCooperative = true }
        while let last = plan.partitions.last, last > 1 {
            let before = plan
            attempt { $0.partitions[$0.partitions.count - 1] -= 1 }
            if plan == before { break }
        }
    }
}
