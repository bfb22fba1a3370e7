package import FakeBroker
package import SystemSimulation

/// What surrounds a connector in a run, as far as a user wrote it down: what goes wrong, where and how often.
///
/// One YAML document, described in docs/scenarios.md. Read by ``read(_:)``.
package struct Scenario: Sendable {
    package var brokerFaults: FaultPlan
    package var gatewayFaults: [GatewayFaultRule]
    /// What a simulation has beside them; it goes by the faults above too.
    package var simulation: SystemScenario
    /// Whether the file has that part, which nobody but a simulation can go by.
    package internal(set) var hasSimulation = false

    package init(
        brokerFaults: FaultPlan = [], gatewayFaults: [GatewayFaultRule] = [],
        simulation: SystemScenario = SystemScenario()
    ) {
        self.brokerFaults = brokerFaults
        self.gatewayFaults = gatewayFaults
        self.simulation = simulation
    }
}
