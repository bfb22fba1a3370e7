import Foundation
import SeededRandom
import Simulation
import Testing

@Suite struct PlanTests {
    @Test func `a list that fails is shrunk to what matters`() {
        var tries = 1000
        let shrunk = shrink(Array(0..<100), tries: &tries) { $0.contains(17) && $0.contains(63) }
        #expect(shrunk == [17, 63])
        #expect(tries > 800)
    }

    @Test func `a list that fails by itself is shrunk to nothing`() {
        var tries = 10
        #expect(shrink([1, 2, 3], tries: &tries) { _ in true } == [])
        #expect(tries == 9)
    }

    @Test func `shrinking stops when its tries are used up, with what fails`() {
        var tries = 5
        let shrunk = shrink(Array(0..<1000), tries: &tries) { $0.contains(999) }
        #expect(shrunk.contains(999))
        #expect(tries == 0)
    }

    @Test func `what cannot be shrunk stays`() {
        var tries = 1000
        #expect(shrink([1, 2, 3], tries: &tries) { $0 == [1, 2, 3] } == [1, 2, 3])
    }

    @Test func `a swarm leaves out kinds, others with each seed, and is the same for the same seed`() {
        let swarm = Swarm((0..<10).map { (kind: $0, weight: 1) })
        var generator = SeededGenerator(seed: 1)
        let first = swarm.draw(100, using: &generator)
        let second = swarm.draw(100, using: &generator)
        #expect(Set(first).count < 10)
        #expect(Set(first) != Set(second))
        var again = SeededGenerator(seed: 1)
        #expect(swarm.draw(100, using: &again) == first)
    }

    @Test func `over many seeds a swarm draws every kind`() {
        let swarm = Swarm((0..<10).map { (kind: $0, weight: 1) })
        let drawn = (0..<100).flatMap { seed in
            var generator = SeededGenerator(seed: UInt64(seed))
            return swarm.draw(3, using: &generator)
        }
        #expect(Set(drawn).count == 10)
    }

    @Test func `a planned fault survives JSON`() throws {
        let fault = PlannedFault("crash", atMilliseconds: 5, forMilliseconds: 7)
        let data = try JSONEncoder().encode(fault)
        #expect(try JSONDecoder().decode(PlannedFault<String>.self, from: data) == fault)
    }

    @Test func `checks name what failed, and what never came about`() throws {
        let executor = SeededExecutor(seed: 1)
        let checks = Checks(executor)
        checks.always(true, "holds")
        checks.always(false, "breaks", "by 3")
        checks.sometimes(false, "seldom")
        checks.reached("here")
        var report = checks.report
        #expect(report.failures.map(\.name) == ["breaks"])
        #expect(report.neverTrue == ["seldom"])
        var other = CheckReport()
        other.sometimes["seldom"] = 2
        other.reached["here"] = 1
        report.merge(other)
        #expect(report.neverTrue == [])
        #expect(report.reached["here"] == 2)
    }
}
