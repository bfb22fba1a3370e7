import LoadGenerators
import NIOCore
import Simulation
import Testing

@testable import SystemSimulation

@Suite struct LoadTests {
    private func plan(_ seed: UInt64, _ change: (inout SystemShape) -> Void = { _ in }) -> SystemPlan {
        var shape = SystemShape.typical
        change(&shape)
        return SystemPlan(seed: seed, shape: shape)
    }

    /// How often each key comes, the most frequent first.
    private func counts(_ plan: SystemPlan) -> [Int] {
        Dictionary(grouping: plan.messages.compactMap(\.key)) { $0 }.values.map(\.count).sorted(by: >)
    }

    @Test func `seeds draw keys, values and times of each kind`() {
        let plans = (UInt64(1)...400).map { plan($0) }
        #expect(Set(plans.map(\.values.payload)) == ["sentence", "text", "random", "template"])
        #expect(Set(plans.map(\.values.size)).count == 4)
        #expect(Set(plans.map(\.values.tombstones)) == [0, 0.1])
        let counts = plans.map(counts)
        #expect(counts.contains { $0.isEmpty })
        #expect(counts.contains { $0.count == 50 || $0.count > 30 })
        #expect(counts.contains { $0.count > 6 && ($0.first ?? 0) >= 25 })
        #expect(plans.contains { plan in plan.messages.contains { $0.key == nil } && !self.counts(plan).isEmpty })
        for plan in plans {
            let times = plan.messages.map(\.atMilliseconds)
            #expect(times.count == 50 && times == times.sorted())
            #expect(times.allSatisfy { 0..<SystemShape.typical.activeMilliseconds ~= $0 })
        }
        // Bursts, with nothing for long between them.
        #expect(
            plans.contains { plan in
                let times = plan.messages.map(\.atMilliseconds)
                return Set(times).count < 40
                    && zip(times.dropFirst(), times).contains { $0 - $1 > (times.last ?? 0) / 3 }
            })
    }

    @Test func `values are small, so that a run costs no more than it must`() {
        for seed in UInt64(1)...200 {
            let plan = plan(seed)
            var source = RecordSource(plan.values)
            let bytes = plan.messages.reduce(0) { $0 + (source.record(of: $1).value?.readableBytes ?? 0) }
            #expect(bytes / plan.messages.count < 100, "seed \(seed)")
        }
    }

    @Test func `the load changes nothing of what goes wrong`() {
        let drawn = plan(5)
        let fixed = plan(5) {
            $0.load.keys = .sequential(count: 2)
            $0.load.curve = .constant(100)
            $0.load.size = "3"
        }
        #expect(fixed.faults == drawn.faults && fixed.settings == drawn.settings)
        #expect(fixed.messages.map(\.atMilliseconds) == (0..<50).map { $0 * 10 })
        #expect(fixed.messages.map(\.key) == (0..<50).map { "key-\($0 % 2)" })
        #expect(fixed.values.size == "3")
    }

    @Test func `a rate is kept, and what is due too late is not sent`() {
        let plan = plan(5) { $0.load.curve = .ramp(from: 0, to: 10, seconds: 6) }
        // 10 messages a second after 6 seconds are 30 messages in them.
        #expect(plan.messages.count == 30)
        #expect(plan.messages[0].atMilliseconds == 0)
        #expect(plan.messages.dropFirst().allSatisfy { $0.atMilliseconds > 1000 })
        let never = self.plan(5) { $0.load.curve = .ramp(from: 1, to: 0, seconds: 4) }
        #expect(never.messages.count == 3)
    }

    @Test func `a message has the same record when others are left out`() {
        var plan = plan(7) {
            $0.load.payload = "random"
            $0.load.size = "uniform:8:32"
        }
        var source = RecordSource(plan.values)
        let value = source.record(of: plan.messages[30]).value
        plan.messages.removeFirst(20)
        var other = RecordSource(plan.values)
        #expect(other.record(of: plan.messages[10]).value == value)
        #expect(other.record(of: plan.messages[11]).value != value)
    }

    @Test func `the trace's hash goes by what was sent`() {
        var plan = plan(7) {
            $0.faults = 0...0
            $0.load.payload = "random"
            $0.load.size = "12"
        }
        let first = SystemRun.run(plan)
        #expect(SystemRun.run(plan).hash == first.hash)
        plan.values.seed ^= 1
        let second = SystemRun.run(plan)
        #expect(second.journal == first.journal)
        #expect(second.hash != first.hash)
    }

    @Test func `large values and templates without end come through`() {
        for (name, value) in [("size", "100000"), ("template", "{{text:200000}}")] {
            var shape = SystemShape.typical
            shape.faults = 0...0
            shape.messages = 4...4
            if name == "size" { shape.load.size = value } else { shape.load.template = value }
            shape.load.tombstones = 0
            let outcome = SystemRun.run(SystemPlan(seed: 1, shape: shape))
            #expect(outcome.violations == [])
            #expect(outcome.journal.contains { $0.hasSuffix("100000 bytes") } || name == "size")
        }
    }
}
