package import Connector
package import FakeBroker
internal import KafkaConnector
internal import SystemSimulation
internal import Yams

extension Scenario {
    /// - Throws: For a file that cannot be read, is no YAML, or holds what is not known: one line with the place.
    package static func read(_ path: String) throws(SettingError) -> Scenario {
        try parse(try YAMLFile.text(of: path, flag: "--scenario"), path: path)
    }

    package static func parse(_ text: String, path: String) throws(SettingError) -> Scenario {
        var scenario = Scenario()
        guard let root = try YAMLFile.parse(text, path: path, accepted: "YAML") else { return scenario }
        let fields = try ScenarioFields(root, path: path, name: "", keys: ["broker", "gateway", "simulation"])
        if let node = fields["broker"] {
            let broker = try ScenarioFields(node, path: path, name: "broker", keys: ["faults"])
            if let faults = broker["faults"] {
                scenario.brokerFaults = try FaultPlan(faults, path: path, name: "broker.faults")
            }
        }
        if let node = fields["gateway"] {
            let gateway = try ScenarioFields(node, path: path, name: "gateway", keys: ["faults"])
            if let faults = gateway["faults"] {
                scenario.gatewayFaults = try [GatewayFaultRule](faults, path: path, name: "gateway.faults")
            }
        }
        if let node = fields["simulation"] {
            scenario.hasSimulation = true
            scenario.simulation = try SystemScenario(node, path: path, name: "simulation")
        }
        scenario.simulation.standing = StandingFaults(broker: scenario.brokerFaults, gateway: scenario.gatewayFaults)
        return scenario
    }

    /// The file of `connector-sim broker --faults`: a list of rules.
    package static func brokerFaults(_ path: String) throws(SettingError) -> FaultPlan {
        try brokerFaults(try YAMLFile.text(of: path, flag: "--faults"), path: path)
    }

    package static func brokerFaults(_ text: String, path: String) throws(SettingError) -> FaultPlan {
        guard let root = try YAMLFile.parse(text, path: path, accepted: "YAML") else { return [] }
        return try FaultPlan(root, path: path, name: "faults")
    }

    /// The file of `connector-sim gateway --faults`: a list of rules.
    package static func gatewayFaults(_ path: String) throws(SettingError) -> [GatewayFaultRule] {
        try gatewayFaults(try YAMLFile.text(of: path, flag: "--faults"), path: path)
    }

    package static func gatewayFaults(_ text: String, path: String) throws(SettingError) -> [GatewayFaultRule] {
        guard let root = try YAMLFile.parse(text, path: path, accepted: "YAML") else { return [] }
        return try [GatewayFaultRule](root, path: path, name: "faults")
    }
}
