import Connector
import FakeBroker
import FakeGateway
import Scenarios
import Testing

@Suite struct `A scenario file` {
    @Test func `says what goes wrong at the broker and at the gateway`() throws {
        let scenario = try Scenario.parse(
            """
            broker:
              faults:
                - api: Produce
                  topic: orders
                  count: 3
                  act: {fail: NOT_LEADER_OR_FOLLOWER}
                - {api: [Fetch, ListOffsets], probability: 0.1, delay: 1m30s}
            gateway:
              faults:
                - {path: /system/functions, count: 3, act: unauthorized}
                - {function: figlet, after: 2, for: 30s, act: {status: {code: 503, text: busy}}}
                - delay: 250ms
                - act: {trickle: {bytes: 3, every: 5ms}}
                - act: {listing: {huge: 10000}}
                - act: providerDown
                - act: {providerStatus: 500}
            """, path: "s.yaml")
        #expect(scenario.brokerFaults.rules.count == 2)
        #expect(scenario.brokerFaults.rules.first?.act == .fail(.notLeaderOrFollower))
        #expect(scenario.brokerFaults.rules.last?.delay == .seconds(90))
        let faults = scenario.gatewayFaults
        #expect(
            faults.map(\.fault) == [
                .unauthorized, .status(503, text: "busy"), .delay(.milliseconds(250)),
                .trickle(bytes: 3, every: .milliseconds(5)), .listing(.huge(10_000)),
                .provider(.down), .provider(.status(500)),
            ])
        #expect(faults.map(\.count) == [3, nil, nil, nil, nil, nil, nil])
        #expect(faults.map(\.skip) == [0, 2, 0, 0, 0, 0, 0])
        #expect(faults[1].duration == .seconds(30))
    }

    @Test(arguments: ["", "# nothing\n", "broker:\n", "gateway: {faults: []}"])
    func `may say nothing`(text: String) throws {
        let scenario = try Scenario.parse(text, path: "s.yaml")
        #expect(scenario.brokerFaults.rules.isEmpty && scenario.gatewayFaults.isEmpty)
    }

    @Test(arguments: [
        ("brokr: {}", #"s.yaml:1="brokr" is not valid: one of broker, gateway, simulation"#),
        ("broker:\n  fault: []", #"s.yaml:2: broker="fault" is not valid: one of faults"#),
        ("7", #"s.yaml:1="7" is not valid: a mapping of broker, gateway, simulation"#),
        ("broker:\n  faults: 7", #"s.yaml:2: broker.faults="7" is not valid: a list of rules"#),
        (
            "broker:\n  faults:\n    - act: drop\n      cuont: 1",
            #"s.yaml:4: broker.faults[0]="cuont" is not valid: name, api, client, broker, topic, after, count, "#
                + "probability, delay, act"
        ),
        (
            "broker:\n  faults:\n    - act: drop\n    - act:\n        fail: NO_WAY",
            #"s.yaml:5: broker.faults[1].act.fail="NO_WAY" is not valid: Kafka's error names, such as "#
                + "NOT_LEADER_OR_FOLLOWER, or codes"
        ),
        (
            "broker:\n  faults:\n    - act: drop\n      count: 0",
            #"s.yaml:4: broker.faults[0].count="0" is not valid: 1 or more"#
        ),
        (
            "broker:\n  faults:\n    - delay: 200",
            #"s.yaml:3: broker.faults[0].delay="200" is not valid: durations, such as '200ms' or '1m30s'"#
        ),
        (
            "broker:\n  faults:\n    - topic: t",
            #"s.yaml:3: broker.faults[0]="without effect" is not valid: rules with an 'act', a 'delay' or both"#
        ),
        (
            "gateway:\n  faults:\n    - act: explode",
            #"s.yaml:3: gateway.faults[0].act="explode" is not valid: dropBeforeRun, dropAfterRun, reset, "#
                + "halfOpen, unauthorized, providerDown, or one of status, truncate, contentLength, trickle, "
                + "replyLate, replyEarly, listing, providerStatus with a value"
        ),
        (
            "gateway:\n  faults:\n    - act: {status: 99}",
            #"s.yaml:3: gateway.faults[0].act.status="99" is not valid: a whole number from 200 to 599"#
        ),
        (
            "gateway:\n  faults:\n    - act: reset\n      for: soon",
            #"s.yaml:4: gateway.faults[0].for="soon" is not valid: a duration of up to 24h, such as 500ms, 30s or "#
                + "1m30s"
        ),
        (
            "gateway:\n  faults:\n    - path: /\n",
            #"s.yaml:3: gateway.faults[0]="a mapping" is not valid: a rule with an 'act' or a 'delay', not both"#
        ),
        (
            "gateway:\n  faults:\n    - {act: reset, probability: 2}",
            #"s.yaml:3: gateway.faults[0].probability="2" is not valid: a number from 0 to 1"#
        ),
    ])
    func `names the line, the key, the value and what is accepted`(text: String, message: String) {
        let error = #expect(throws: SettingError.self) { try Scenario.parse(text, path: "s.yaml") }
        #expect(error?.description == message)
    }

    @Test func `is a list alone for one of the two`() throws {
        let text = "- {act: reset, count: 2}"
        #expect(try Scenario.brokerFaults(text, path: "f.yaml").rules.map(\.count) == [2])
        #expect(try Scenario.gatewayFaults(text, path: "f.yaml").map(\.count) == [2])
        let error = #expect(throws: SettingError.self) { try Scenario.gatewayFaults("- 1", path: "f.yaml") }
        #expect(error?.description.hasPrefix(#"f.yaml:1: faults[0]="1" is not valid: a mapping of "#) == true)
    }

    @Test func `survives whatever it is`() {
        let seed = """
            broker: {faults: [{api: Fetch, act: {trickle: {bytes: 1, every: 5ms}}}, {delay: 1s, count: 2}]}
            gateway: {faults: [{act: {listing: stale}, for: 3s}, {act: {replyEarly: {code: 202, text: x}}}]}
            """
        var random = UInt64(5)
        for _ in 0..<2000 {
            var bytes = Array(seed.utf8)
            for _ in 0..<3 {
                random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                bytes[Int(random >> 33) % bytes.count] = UInt8(truncatingIfNeeded: random >> 25)
            }
            _ = try? Scenario.parse(String(decoding: bytes, as: UTF8.self), path: "s.yaml")
        }
    }
}
