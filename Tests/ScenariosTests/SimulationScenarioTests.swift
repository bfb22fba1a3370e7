import FakeBroker
import Foundation
import Scenarios
import Simulation
import SystemSimulation
import Testing
import Threads

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

    @Test func `the load goes by load-producer's settings`() throws {
        let scenario = try Scenario.parse(
            """
            simulation:
              messages: 40
              over: 3s
              shape: spike
              rate: 5
              rate_to: 100
              spike_length: 100ms
              period: 1s
              keys: sequential:2
              payload: template
              template: "{{sequence}} {{key}}"
              tombstones: 0.2
            """, path: "s.yaml"
        ).simulation
        let plan = SystemPlan(seed: 5, scenario: scenario)
        // By the second: ten at once, then a few.
        #expect(plan.messages.filter { $0.atMilliseconds < 100 }.count == 10)
        #expect(plan.messages.filter { $0.atMilliseconds < 1000 }.count == 15)
        #expect(plan.messages.map(\.key) == (0..<40).map { "key-\($0 % 2)" })
        let outcome = SystemRun.run(plan, standing: scenario.standing)
        #expect(outcome.violations == [])
        #expect(SystemRun.run(plan, standing: scenario.standing).hash == outcome.hash)
        let produced = outcome.journal.filter { $0.contains("  message ") }
        #expect(produced.count == 40)
        #expect(produced.contains { $0.contains("message 12 is p") && $0.hasSuffix(": key key-0, 8 bytes") })
        #expect(produced.contains { $0.hasSuffix("a tombstone") })
        #expect(outcome.timeline(replay: "").contains("values: template, size "))
        // Recorded, it is the same run.
        let text = try Scenario(recording: plan).text(comment: "load")
        let again = SystemPlan(seed: 5, scenario: try Scenario.parse(text, path: "t.yaml").simulation)
        #expect(again == plan)
        #expect(SystemRun.run(again).hash == outcome.hash)
        // Another seed sends at the same times with the same keys, and draws where to.
        let other = SystemPlan(seed: 6, scenario: scenario)
        #expect(other.messages.map(\.atMilliseconds) == plan.messages.map(\.atMilliseconds))
        #expect(other.messages != plan.messages)
    }

    @Test(arguments: [
        ("simulation: {brokers: 0}", "s.yaml:1: simulation.brokers=\"0\" is not valid: a whole number from 1 to 9"),
        (
            "simulation:\n  messages: 5\n  rate: fast",
            "s.yaml:3: simulation.rate=\"fast\" is not valid: a number from 0 to 1000000000"
        ),
        (
            "simulation:\n  rate: 5\n  shape: ramp",
            "s.yaml:3: simulation.rate_to is not set: where the ramp ends, in messages a second, is needed"
        ),
        (
            "simulation:\n  keys: file:/etc/passwd",
            "s.yaml:2: simulation.keys=\"file:/etc/passwd\" is not valid: none, sequential[:KEYS], uniform:KEYS or "
                + "zipf:S:KEYS, with up to 1000000 keys"
        ),
        (
            "simulation:\n  size: 100001",
            "s.yaml:2: simulation.size=\"100001\" is not valid: up to 100000 bytes in a simulation"
        ),
        (
            "simulation:\n  size: normal:1",
            "s.yaml:2: simulation.size=\"normal:1\" is not valid: BYTES, uniform:LEAST:MOST, normal:MEAN:DEVIATION or "
                + "lognormal:MEDIAN:SIGMA, up to 999999000 bytes"
        ),
        (
            "simulation:\n  over: 1s\n  payload: template",
            "s.yaml:3: simulation.template is not set: a text with fields is needed"
        ),
        (
            "simulation:\n  payload: lines",
            "s.yaml:2: simulation.payload=\"lines\" is not valid: one of sentence, text, random, template"
        ),
        (
            "simulation:\n  template: {{sequence}}",
            "s.yaml:2: simulation.template=\"a mapping\" is not valid: text; in quotes if it begins with {"
        ),
        (
            "simulation:\n  tombstones: 2",
            "s.yaml:2: simulation.tombstones=\"2\" is not valid: a number from 0 to 1"
        ),
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
    func `each ready-made scenario is read, and a few seeds of it break nothing`(file: String) async throws {
        let path = Self.folder.appending(path: file).path(percentEncoded: false)
        let scenario = try Scenario.read(path)
        for seed in UInt64(1)...5 {
            let plan = SystemPlan(seed: seed, scenario: scenario.simulation)
            let outcome = await Threads.Thread.blocking { SystemRun.run(plan, standing: scenario.simulation.standing) }
            #expect(outcome.violations == [], "connector-sim replay --seed \(seed) --scenario docs/scenarios/\(file)")
        }
    }

    @Test func `there are ready-made scenarios`() { #expect(Self.files.count >= 8) }
}
