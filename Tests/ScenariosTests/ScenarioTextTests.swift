import FakeBroker
import FakeGateway
import Scenarios
import SystemSimulation
import Testing

@Suite struct ScenarioTextTests {
    @Test(arguments: UInt64(1)...20)
    func `a plan that was written is read again, and is the same run`(seed: UInt64) throws {
        let plan = SystemPlan(seed: seed, shape: .large)
        let text = try Scenario(recording: plan).text(comment: "seed \(seed)\nof a test")
        #expect(text.hasPrefix("# seed \(seed)\n# of a test\n"))
        let scenario = try Scenario.parse(text, path: "s.yaml").simulation
        #expect(scenario.plan?.seed == seed)
        let again = SystemPlan(seed: seed, scenario: scenario)
        #expect(again == plan)
        if seed <= 2 { #expect(SystemRun.run(again).hash == SystemRun.run(plan).hash) }
        // Another seed is another order of the same plan.
        let other = SystemPlan(seed: seed + 1, scenario: scenario)
        #expect(other.messages == plan.messages && other.faults == plan.faults && other.seed == seed + 1)
    }

    @Test func `the rules of both fakes are written as they are read`() throws {
        let scenario = try Scenario.parse(
            """
            broker:
              faults:
                - {api: Produce, topic: orders, count: 3, act: {fail: NOT_LEADER_OR_FOLLOWER}}
                - {api: [Fetch, ListOffsets], probability: 0.1, delay: 1m30s}
                - {act: {trickle: {bytes: 3, every: 5ms}}, client: "a*"}
            gateway:
              faults:
                - {path: /system/functions, method: GET, count: 3, act: unauthorized}
                - {function: figlet, after: 2, for: 30s, act: {status: {code: 503, text: busy}}}
                - {delay: 250ms, probability: 0.25}
                - act: {trickle: {bytes: 3, every: 1500us}}
                - act: {listing: {huge: 10000}}
                - act: {listing: empty}
                - act: {listing: stale}
                - act: {listing: notJSON}
                - act: providerDown
                - act: {providerStatus: 500}
                - act: {truncate: 7}
                - act: {contentLength: 9}
                - act: {replyLate: 2s}
                - act: {replyEarly: {code: 202, text: "yes: no"}}
                - act: dropBeforeRun
                - act: dropAfterRun
                - act: reset
                - act: halfOpen
            """, path: "s.yaml")
        let again = try Scenario.parse(try scenario.text(comment: "rules"), path: "t.yaml")
        #expect(again.brokerFaults == scenario.brokerFaults)
        #expect(again.gatewayFaults.map { "\($0)" } == scenario.gatewayFaults.map { "\($0)" })
        #expect(again.gatewayFaults.count == 18)
    }

    @Test(arguments: [
        (
            "simulation:\n  plan:\n    seed: no",
            "s.yaml:3: simulation.plan.seed=\"no\" is not valid: a plan as connector-sim writes it"
        ),
        (
            "simulation:\n  plan: {seed: 1}",
            "s.yaml:2: simulation.plan=\"a mapping\" is not valid: a plan as connector-sim writes it"
        ),
        ("simulation: {plan: 7}", "s.yaml:1: simulation.plan=\"7\" is not valid: a plan as connector-sim writes it"),
    ])
    func `what is wrong with a plan is told with its line`(text: String, message: String) {
        #expect {
            try Scenario.parse(text, path: "s.yaml")
        } throws: { "\($0)" == message }
    }
}
