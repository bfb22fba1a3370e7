// Many seeds, one after the other and side by side, until enough were run or something is found.

import SeededRandom
package import Simulation
import Synchronization

/// Runs the plans of many seeds.
package struct Exploration: Sendable {
    /// Where the seeds begin, and how many there are.
    package var firstSeed: UInt64
    package var seeds: Int
    package var shape: SystemShape
    /// What is fixed of every plan; nil leaves all to the seeds.
    package var scenario: SystemScenario?

    package init(firstSeed: UInt64, seeds: Int, shape: SystemShape = .typical, scenario: SystemScenario? = nil) {
        self.firstSeed = firstSeed
        self.seeds = seeds
        self.shape = shape
        self.scenario = scenario
    }

    /// The plan of one of the seeds.
    package func plan(of seed: UInt64) -> SystemPlan {
        scenario.map { SystemPlan(seed: seed, scenario: $0) } ?? SystemPlan(seed: seed, shape: shape)
    }

    package var standing: StandingFaults { scenario?.standing ?? StandingFaults() }

    package func run(_ plan: SystemPlan) -> SystemOutcome { SystemRun.run(plan, standing: standing) }
}

/// What an exploration has seen so far. Several threads may add to it.
package final class ExplorationTally: Sendable {
    package struct Content: Sendable {
        package var runs = 0
        package var steps = 0
        /// Of virtual time, in seconds.
        package var virtualSeconds = 0.0
        package var failed: [SystemOutcome] = []
        package var checks = CheckReport()
        /// One number for the traces of all runs, whatever their order: two explorations of the same seeds with one
        /// number were the same runs.
        package var traces: UInt64 = 0
        /// The hash of each run's trace by its seed, if they are kept.
        package var hashes: [UInt64: UInt64] = [:]

        package init() {}

        fileprivate mutating func add(_ outcome: SystemOutcome, keepsHash: Bool) {
            if keepsHash { hashes[outcome.plan.seed] = outcome.hash }
            runs += 1
            steps += outcome.steps
            virtualSeconds += outcome.duration / .seconds(1)
            checks.merge(outcome.checks)
            var mixer = SeededGenerator(seed: outcome.hash ^ outcome.plan.seed &* 0x9e37_79b9_7f4a_7c15)
            traces ^= mixer.next()
            if !outcome.violations.isEmpty { failed.append(outcome) }
        }
    }

    private let content = Mutex(Content())
    private let nextIndex = Atomic(0)
    private let isStopped = Atomic(false)
    private let keepsHashes: Bool

    package init(keepsHashes: Bool = false) { self.keepsHashes = keepsHashes }

    package var now: Content { content.withLock { $0 } }

    package func stop() { isStopped.store(true, ordering: .relaxed) }

    /// Runs seeds on the calling thread until none is left or `stop` was called.
    ///
    /// - Parameter failureLimit: So many runs may fail before it stops by itself.
    package func work(on exploration: Exploration, failureLimit: Int = 1) {
        while !isStopped.load(ordering: .relaxed) {
            let index = nextIndex.add(1, ordering: .relaxed).oldValue
            guard index < exploration.seeds else { return }
            let outcome = exploration.run(exploration.plan(of: exploration.firstSeed &+ UInt64(index)))
            let failures = content.withLock { content in
                content.add(outcome, keepsHash: keepsHashes)
                return content.failed.count
            }
            if failures >= failureLimit { stop() }
        }
    }
}
