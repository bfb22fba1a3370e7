import Simulation
import SystemSimulation
import Testing
import Threads

/// Each run on a thread of its own: on the few that tasks have, deadlines of other tests would pass meanwhile.
@Suite struct SystemRunTests {
    private static let faultless: SystemShape = {
        var shape = SystemShape()
        shape.faults = 0...0
        return shape
    }()

    @Test func `without faults everything is handled, and nothing is broken`() async {
        for seed in UInt64(1)...20 {
            let outcome = await Thread.blocking { SystemRun.run(SystemPlan(seed: seed, shape: Self.faultless)) }
            #expect(outcome.violations == [], "seed \(seed)")
            #expect(outcome.journal.count > 100)
        }
    }

    @Test func `with faults no invariant is broken`() async {
        for seed in UInt64(1)...100 {
            let outcome = await Thread.blocking { SystemRun.run(SystemPlan(seed: seed)) }
            #expect(outcome.violations == [], "connector-sim replay --seed \(seed)")
        }
    }

    /// Room for one event, and functions that take up to 0.7 s and fail: 106 s for its 171 messages.
    @Test func `lag may last as long as the calls take one by one`() {
        #expect(SystemRun.run(SystemPlan(seed: 9_101_085, shape: .large)).violations == [])
    }

    @Test func `the same seed gives the same run, and another another`() {
        let first = SystemRun.run(SystemPlan(seed: 7))
        #expect(SystemRun.run(SystemPlan(seed: 7)).hash == first.hash)
        #expect(SystemRun.run(SystemPlan(seed: 8)).hash != first.hash)
    }
}
