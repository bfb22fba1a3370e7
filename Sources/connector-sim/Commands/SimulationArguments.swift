import ArgumentParser
import Connector
import Scenarios
import SystemSimulation

/// What explore and replay share.
enum SimulationArguments {
    static func scenario(_ path: String) throws -> SystemScenario {
        do throws(SettingError) { return try Scenario.read(path).simulation } catch {
            throw ValidationError("\(error)")
        }
    }

    /// For real sockets, where what stands under `simulation` means nothing, which is told.
    static func scenarioOfARun(_ path: String) throws(SettingError) -> Scenario {
        let scenario = try Scenario.read(path)
        if scenario.hasSimulation {
            Processes.warn(
                "\(path): 'simulation' is for explore and replay; here only broker.faults and gateway.faults count")
        }
        return scenario
    }

    /// As they stand behind a seed in a command.
    static func flags(isLarge: Bool, scenario: String?) -> String {
        (isLarge ? " --large" : "") + (scenario.map { " --scenario \($0)" } ?? "")
    }
}
