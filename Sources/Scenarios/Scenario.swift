package import FakeBroker

/// What surrounds a connector in a run, as far as a user wrote it down: what goes wrong, where and how often.
///
/// One YAML document, described in docs/scenarios.md. Read by ``read(_:)``.
package struct Scenario: Sendable {
    package var brokerFaults: FaultPlan
    package var gatewayFaults: [GatewayFaultRule]

    package init(brokerFaults: FaultPlan = [], gatewayFaults: [GatewayFaultRule] = []) {
        self.brokerFaults = brokerFaults
        self.gatewayFaults = gatewayFaults
    }
}
