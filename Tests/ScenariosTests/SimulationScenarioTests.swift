import FakeBroker
import Foundation
import Scenarios
import Simulation
import SystemSimulation
import Testing

@Suite struct SimulationScenarioTests {
    @Test func `a scenario fixes the size of a system and its faults, and the seed draws the rest`() throws {
        let scenario = try Scenario.parse(
            """
            simulation:
              brokers: 3
              topics: [4, 1]
              replicas: 3
              functions: 2
              messages: 30
              over: 4s
              delivery: at-least-once
              drawnFaults: 1
              faults:
                - {at: 1s, for: 2s, fault: crashBroker, target: 2}
                - {at: 500ms, fault: resetConnections, target: 1, peer: gateway}
            """, path: "s.yaml"
        ).simulation
        let plan = SystemPlan(seed: 5, scenario: scenario)
        #expect(plan.brokers == 3)
        #expect(plan.partitions == [4, 1])
        #expect(plan.replicas == 3)
        #expect(plan.functions.count == 2)
        #expect(plan.messages.count == 30)
        #expect(plan.settings.atLeastOnce)
        #expect(plan.faults.count == 3)
        #expect(plan.faults.contains { $0.fault.kind == .crashBroker && $0.atMilliseconds == 1000 && $0.end == 3000 })
        #expect(plan.faults.contains { $0.fault.kind == .resetConnections && $0.fault.peer == -1 })
        #expect(SystemPlan(seed: 6, scenario: scenario).messages != plan.messages)
    }

    @Test(arguments: [
        ("simulation: {brokers: 0}", "s.yaml:1: simulation.brokers=\"0\" is not valid: a whole number from 1 to 9"),
        (
            "simulation: {delivery: twice}",
            "s.yaml:1: simulation.delivery=\"twice\" is not valid: at-most-once or at-least-once"
        ),
        (
            "simulation:\n  topics: [0]",
            "s.yaml:2: simulation.topics=\"0\" is not valid: a list of 1 to 8 numbers of partitions, each from 1 to 64"
        ),
        (
            "simulation:\n  faults:\n    - {at: 1s, fault: crashReplica, peer: moon}",
            "s.yaml:3: simulation.faults[0].peer=\"moon\" is not valid: gateway, or the number of a broker from 0 to 8"
        ),
    ])
    func `what is wrong is told with its line`(text: String, message: String) {
        #expect {
            try Scenario.parse(text, path: "s.yaml")
        } throws: { "\($0)" == message }
    }

    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "docs/scenarios")

    private static let files: [String] =
        (try? FileManager.default.contentsOfDirectory(atPath: folder.path(percentEncoded: false)))?
        .filter { $0.hasSuffix(".yaml") }.sorted() ?? []

    @Test(arguments: files)
    func `each ready-made scenario is read, and a few seeds of it break nothing`(file: String) throws {
        let path = Self.folder.appending(path: file).path(percentEncoded: false)
        let scenario = try Scenario.read(path)
        for seed in UInt64(1)...5 {
            let plan = SystemPlan(seed: seed, scenario: scenario.simulation)
            let outcome = SystemRun.run(plan, standing: scenario.simulation.standing)
            #expect(outcome.violations == [], "connector-sim replay --seed \(seed) --scenario docs/scenarios/\(file)")
        }
    }

    @Test func `there are ready-made scenarios`() { #expect(Self.files.count >= 8) }
}
