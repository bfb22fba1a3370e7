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

    /// For real sockets, where the sizes under `simulation` mean nothing, nor do some faults, which is told.
    static func scenarioOfARun(_ path: String, _ settings: LocalSystemSettings) throws(SettingError) -> Scenario {
        var settings = settings
        settings.scenario = try Scenario.read(path)
        guard settings.scenario.hasSimulation else { return settings.scenario }
        if settings.scenario.simulation.fixesMoreThanFaults {
            Processes.warn("\(path): of 'simulation' only 'faults' count here; sizes are those of the command line")
        }
        for line in TimedFaults.leftOut(of: settings) { Processes.warn("\(path): \(line)") }
        return settings.scenario
    }

    /// As they stand behind a seed in a command.
    static func flags(isLarge: Bool, scenario: String?) -> String {
        (isLarge ? " --large" : "") + (scenario.map { " --scenario \($0)" } ?? "")
    }
}
