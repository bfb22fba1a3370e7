import Foundation
import Simulation
import SystemSimulation
import Testing
import Threads

/// Each invariant notices what it is for. The search begins at a seed that is known to show the bug, which
/// docs/simulation.md tells, so that it is short; with PLANTED_BUGS_SEARCH=1 in the environment it begins at the first.
@Suite struct PlantedBugTests {
    private static let lastSeed: UInt64 = 10_000
    private static let searches = ProcessInfo.processInfo.environment["PLANTED_BUGS_SEARCH"] != nil

    /// More faults than a bug needs, so that there is something to leave out.
    private static let shape: SystemShape = {
        var shape = SystemShape()
        shape.faults = 6...6
        shape.messages = 20...20
        shape.topics = 2...2
        shape.partitionsPerTopic = 1...2
        shape.functions = 2...2
        shape.activeMilliseconds = 4000
        return shape
    }()

    private func plan(_ seed: UInt64) -> SystemPlan {
        var plan = SystemPlan(seed: seed, shape: Self.shape)
        // A bug that leaves lag for ever costs a run all of it.
        plan.settings.recoveryMilliseconds = 45_000
        return plan
    }

    private func breaks(_ plan: SystemPlan, _ bug: PlantedBug) -> Bool {
        SystemRun.run(plan, sabotage: bug).violations.contains { $0.invariant == bug.invariant }
    }

    @Test(arguments: PlantedBug.allCases)
    func `each planted bug is found within 10000 seeds, and shrunk to at most 3 faults`(bug: PlantedBug) async throws {
        let seeds = (Self.searches ? 1 : bug.knownSeed)...Self.lastSeed
        let found = await Threads.Thread.blocking { seeds.first { breaks(plan($0), bug) } }
        let seed = try #require(found, "no seed shows it")
        let shrunk = await Threads.Thread.blocking {
            plan(seed).shrunk(breaking: bug.invariant, tries: bug.shrinkingTries, sabotage: bug)
        }
        let outcome = SystemRun.run(shrunk, sabotage: bug)
        if Self.searches { print("\(bug.rawValue): seed \(seed)\n\(shrunk.summary)") }
        #expect(outcome.violations.contains { $0.invariant == bug.invariant })
        #expect(shrunk.faults.count <= 3)
        // Without the bug the same plan is fine.
        #expect(SystemRun.run(shrunk).violations == [])
        #expect(SystemRun.run(shrunk, sabotage: bug).hash == outcome.hash)
    }

    @Test func `every invariant has a planted bug`() {
        let covered = Set(PlantedBug.allCases.map(\.invariant))
        #expect(Set(InvariantName.allCases).subtracting(covered) == [.runEnds])
    }
}
