import Simulation
import SystemSimulation
import TestSupport
import Testing

@Suite struct SystemRunTests {
    @Test func `without faults everything is handled, and nothing is broken`() async {
        for seed in UInt64(1)...20 {
            let outcome = await apart {
                var shape = SystemShape()
                shape.faults = 0...0
                return SystemRun.run(SystemPlan(seed: seed, shape: shape))
            }
            #expect(outcome.violations == [], "seed \(seed)")
            #expect(outcome.journal.count > 100)
        }
    }

    @Test func `with faults no invariant is broken`() async {
        for seed in UInt64(1)...100 {
            let outcome = await apart { SystemRun.run(SystemPlan(seed: seed)) }
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
