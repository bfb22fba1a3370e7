import Foundation
import Simulation
import SystemSimulation
import Testing

@Suite struct ReportTests {
    private let failed: SystemOutcome = {
        var plan = SystemPlan(seed: 3)
        // No time to recover, so that the ninth invariant is broken.
        plan.settings.recoveryMilliseconds = 0
        plan.functions[0].minLatencyMilliseconds = 900
        plan.functions[0].maxLatencyMilliseconds = 900
        plan.settings.maxInFlight = 1
        return SystemRun.run(plan)
    }()

    @Test func `the timeline names seed, command, faults and what is broken, where it broke`() {
        let text = failed.timeline(replay: "connector-sim replay --seed 3")
        #expect(text.contains("seed 3, trace \(failed.hashText)"))
        #expect(text.contains("replay: connector-sim replay --seed 3"))
        #expect(text.contains("BROKEN: invariant 9"))
        #expect(text.contains("^^^ invariant 9"))
        #expect(text.contains("FAULT 0"))
        #expect(text.contains("is assigned p0"))
    }

    @Test func `the page stands by itself, with a lane for each part`() {
        let page = failed.html(replay: "a <b>")
        #expect(page.hasPrefix("<!doctype html>"))
        for lane in ["producer", "brokers", "replica 0", "replica 1", "f2"] { #expect(page.contains(">\(lane)<")) }
        #expect(page.contains("a &lt;b&gt;"))
        #expect(!page.contains("http"))
        #expect(page.contains("class=\"broken\""))
    }

    @Test func `JUnit XML has a case for each invariant, and the command to replay`() throws {
        let xml = JUnitReport.xml(runs: 1, seconds: 1, failed: [failed]) { "replay \($0.plan.seed) & more" }
        #expect(xml.components(separatedBy: "<testcase").count - 1 == InvariantName.allCases.count)
        #expect(xml.contains("failures=\"1\""))
        #expect(xml.contains("replay 3 &amp; more"))
    }

    @Test func `a plan survives JSON, and gives the same run`() throws {
        let plan = SystemPlan(seed: 11, shape: .large)
        let again = try JSONDecoder().decode(SystemPlan.self, from: JSONEncoder().encode(plan))
        #expect(again == plan)
        #expect(SystemRun.run(again).hash == SystemRun.run(plan).hash)
    }

    @Test func `no plan makes the simulation trap`() {
        var plan = SystemPlan(seed: 1)
        plan.brokers = 0
        plan.partitions = [0, -1, 1 << 40]
        plan.replicas = -3
        plan.functions = [FunctionPlan(topics: [7, -1])]
        plan.functions[0].maxLatencyMilliseconds = -5
        plan.messages = [
            MessagePlan(sequence: -1, atMilliseconds: -1, topic: 9, partition: -9),
            MessagePlan(sequence: -1, atMilliseconds: 1, topic: 0, partition: 0),
            MessagePlan(sequence: .max, atMilliseconds: 1, topic: 0, partition: 0, key: ""),
        ]
        plan.values.size = "1000000000"
        plan.values.compressibility = .nan
        plan.values.tombstones = -1
        plan.faults = SystemFault.Kind.allCases.map {
            PlannedFault(SystemFault($0, target: -7, peer: 99, amount: -5), atMilliseconds: 1, forMilliseconds: 2)
        }
        plan.settings.heartbeatMilliseconds = 0
        plan.settings.sessionMilliseconds = -1
        plan.settings.recoveryMilliseconds = 1
        #expect(SystemRun.run(plan).plan.replicas == 0)
        plan.replicas = 1
        plan.settings.recoveryMilliseconds = 1000
        _ = SystemRun.run(plan)
    }
}
