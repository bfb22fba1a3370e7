public import Simulation

/// Runs plans.
public enum SystemRun {
    /// Runs a plan and checks it.
    public static func run(_ plan: SystemPlan) -> SystemOutcome { run(plan, standing: StandingFaults()) }

    /// - Parameters:
    ///   - standing: Faults beside those of the plan.
    ///   - sabotage: A planted bug, for tests.
    package static func run(
        _ plan: SystemPlan, standing: StandingFaults = StandingFaults(), sabotage: (any Sabotage)? = nil
    ) -> SystemOutcome {
        let plan = plan.clamped
        let world = SystemWorld(plan, standing: standing, sabotage: sabotage)
        var failure: (any Error)?
        do { try world.executor.run { try await world.run() } } catch { failure = error }
        let run = FinishedRun(plan: plan, index: world.index, events: world.trace.events)
        var violations: [Violation] = []
        if let failure {
            violations.append(
                Violation(
                    invariant: .runEnds, detail: "\(failure)", nanoseconds: run.events.last?.time ?? 0,
                    eventNumber: run.events.count))
        }
        violations += run.violations()
        let outcome = SystemOutcome(
            plan: plan, hash: world.trace.hash, steps: world.executor.steps, duration: world.executor.now,
            violations: violations, checks: world.checks.report, events: run.events)
        world.discard()
        return outcome
    }
}

/// What came of a plan.
public struct SystemOutcome: Sendable {
    public let plan: SystemPlan
    /// Of everything that happened: the same for the same plan.
    public let hash: UInt64
    /// Jobs and events that ran.
    public let steps: Int
    /// Of virtual time.
    public let duration: Duration
    /// The first of each invariant.
    public let violations: [Violation]
    public let checks: CheckReport
    let events: [SystemEvent]

    /// The hash as it is shown and compared.
    public var hashText: String { Self.text(ofHash: hash) }

    package static func text(ofHash hash: UInt64) -> String {
        let text = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - text.count) + text
    }
}

extension SystemPlan {
    /// Within what the simulation can hold, so that no file makes it trap: what is too much is cut, and what names
    /// something that is not there is left out.
    var clamped: SystemPlan {
        var plan = self
        plan.brokers = min(max(1, brokers), 9)
        plan.partitions = partitions.prefix(8).map { min(max(1, $0), 64) }
        if plan.partitions.isEmpty { plan.partitions = [1] }
        plan.replicas = min(max(0, replicas), 16)
        plan.functions = Array(functions.prefix(7))
        for index in plan.functions.indices {
            plan.functions[index].topics = plan.functions[index].topics.filter(plan.partitions.indices.contains)
            plan.functions[index].minLatencyMilliseconds = min(max(0, functions[index].minLatencyMilliseconds), 600_000)
            plan.functions[index].maxLatencyMilliseconds = min(max(0, functions[index].maxLatencyMilliseconds), 600_000)
        }
        plan.messages = messages.prefix(100_000).filter { message in
            plan.partitions.indices.contains(message.topic)
                && (0..<plan.partitions[message.topic]).contains(message.partition)
                && (0...86_400_000).contains(message.atMilliseconds) && message.sequence >= 0
        }
        if (try? values.source()) == nil { plan.values = ValuePlan(seed: values.seed) }
        plan.faults = faults.prefix(1000).filter {
            (0...86_400_000).contains($0.atMilliseconds) && (0...86_400_000).contains($0.forMilliseconds)
        }
        plan.settings.clamp()
        return plan
    }
}

extension SystemSettings {
    fileprivate mutating func clamp() {
        func bound(_ value: inout Int, _ range: ClosedRange<Int>) {
            value = min(max(range.lowerBound, value), range.upperBound)
        }
        bound(&maxInFlight, 1...100_000)
        bound(&rebuildMilliseconds, 10...3_600_000)
        bound(&drainMilliseconds, 0...3_600_000)
        bound(&retryAttempts, 1...1000)
        bound(&retryMinMilliseconds, 1...3_600_000)
        bound(&retryMaxMilliseconds, 1...3_600_000)
        bound(&upstreamTimeoutMilliseconds, 1...3_600_000)
        bound(&sessionMilliseconds, 10...1_800_000)
        bound(&heartbeatMilliseconds, 3...600_000)
        bound(&requestTimeoutMilliseconds, 10...3_600_000)
        bound(&rebalanceMilliseconds, 10...3_600_000)
        bound(&recoveryMilliseconds, 0...86_400_000)
    }
}
