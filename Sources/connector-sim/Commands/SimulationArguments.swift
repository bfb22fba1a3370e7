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

    /// As they stand behind a seed in a command.
    static func flags(isLarge: Bool, scenario: String?) -> String {
        (isLarge ? " --large" : "") + (scenario.map { " --scenario \($0)" } ?? "")
    }
}
