package import FakeBroker
package import Simulation

/// What a user fixes of a system; each seed draws the rest.
package struct SystemScenario: Sendable {
    package var brokers: Int?
    /// Of each topic.
    package var partitions: [Int]?
    package var replicas: Int?
    package var functions: Int?
    package var messages: Int?
    /// Messages and drawn faults begin within this.
    package var activeMilliseconds: Int?
    package var atLeastOnce: Bool?
    package var load = FixedLoad()
    /// In place of all that a seed would draw, but for the order of jobs and what is drawn on the way. Then nothing
    /// above counts, nor `drawnFaults`.
    package var plan: SystemPlan?
    package var faults: [PlannedFault<SystemFault>] = []
    /// How many faults each seed draws beside those.
    package var drawnFaults = 0
    /// In force until everything is healed.
    package var standing = StandingFaults()

    package init() {}

    /// Whether there is anything beside faults and standing rules.
    package var fixesMoreThanFaults: Bool {
        brokers != nil || partitions != nil || replicas != nil || functions != nil || messages != nil
            || activeMilliseconds != nil || atLeastOnce != nil || !load.isEmpty || plan != nil || drawnFaults > 0
    }
}

/// Rules of the fakes' own that hold from the start until everything is healed.
package struct StandingFaults: Sendable {
    package var broker: FaultPlan
    package var gateway: [GatewayRule]

    package init(broker: FaultPlan = [], gateway: [GatewayRule] = []) {
        self.broker = broker
        self.gateway = gateway
    }
}

extension SystemPlan {
    /// The plan of a seed within a scenario.
    package init(seed: UInt64, scenario: SystemScenario) {
        if let plan = scenario.plan {
            self = plan
            self.seed = seed
            faults = scenario.faults
            return
        }
        var shape = SystemShape.typical
        if let brokers = scenario.brokers { shape.brokers = brokers...brokers }
        if let partitions = scenario.partitions { shape.topics = partitions.count...partitions.count }
        if let replicas = scenario.replicas { shape.replicas = replicas...replicas }
        if let functions = scenario.functions { shape.functions = functions...functions }
        if let messages = scenario.messages { shape.messages = messages...messages }
        if let active = scenario.activeMilliseconds { shape.activeMilliseconds = max(1, active) }
        shape.atLeastOnce = scenario.atLeastOnce
        shape.load = scenario.load
        shape.faults = scenario.drawnFaults...scenario.drawnFaults
        self.init(seed: seed, shape: shape)
        if let partitions = scenario.partitions {
            self.partitions = partitions
            for index in messages.indices { messages[index].partition %= max(1, partitions[messages[index].topic]) }
        }
        faults = (scenario.faults + faults).sorted { ($0.atMilliseconds, $0.end) < ($1.atMilliseconds, $1.end) }
    }
}
