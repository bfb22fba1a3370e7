import FakeBroker
import FakeGateway
import Scenarios

/// The rules of a scenario, and what is left of them: what they have met is taken off before they are set again.
struct StandingRules {
    private(set) var broker: FaultPlan
    private(set) var gateway: [GatewayFaultRule]
    private var lastSet = ContinuousClock.now

    init(_ scenario: Scenario) {
        broker = scenario.brokerFaults
        gateway = scenario.gatewayFaults
    }

    /// - Parameter met: How many requests each rule has met since it was set.
    mutating func use(broker met: [Int]) {
        for (index, count) in zip(broker.rules.indices, met) where count > 0 {
            broker.rules[index].after = 0
            guard let most = broker.rules[index].count else { continue }
            broker.rules[index].count = max(1, most - count)
            if most <= count { broker.rules[index].probability = 0 }
        }
    }

    mutating func use(gateway met: [Int], now: ContinuousClock.Instant) {
        for index in gateway.indices {
            if let duration = gateway[index].duration {
                gateway[index].duration = max(.zero, duration - (now - lastSet))
            }
            guard index < met.count, met[index] > 0 else { continue }
            gateway[index].skip = 0
            if let most = gateway[index].count { gateway[index].count = max(0, most - met[index]) }
        }
        lastSet = now
    }
}
