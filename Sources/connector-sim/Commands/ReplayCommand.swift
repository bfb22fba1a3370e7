import ArgumentParser
import Foundation
import SystemSimulation

struct ReplayCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Runs one seed, or a plan from a file, again, and prints what happened.",
        discussion: "The exit status is 1 if an invariant is broken.")

    @Argument(help: "A plan, as explore writes it.")
    var file: String?

    @Option(help: "A seed, as explore names it.")
    var seed: UInt64?

    @Flag(help: "The seed was explored with --large.")
    var large = false

    @Option(help: "The scenario that the seed was explored with.")
    var scenario: String?

    @Flag(help: "Print the hash of the trace and nothing else.")
    var hash = false

    @Option(help: "Also write a page with lanes to this file.")
    var html: String?

    func validate() throws {
        guard (file == nil) != (seed == nil) else { throw ValidationError("give --seed SEED or a FILE") }
    }

    func run() throws {
        let fixed = try scenario.map { try SimulationArguments.scenario($0) }
        let flags = SimulationArguments.flags(isLarge: large, scenario: scenario)
        let plan: SystemPlan
        let command: String
        if let file {
            plan = try PlanFile.read(file)
            command = "connector-sim replay \(file)\(flags)"
        } else {
            let exploration = Exploration(
                firstSeed: seed ?? 0, seeds: 1, shape: large ? .large : .typical, scenario: fixed)
            plan = exploration.plan(of: exploration.firstSeed)
            command = "connector-sim replay --seed \(seed ?? 0)\(flags)"
        }
        let outcome = SystemRun.run(plan, standing: fixed?.standing ?? StandingFaults())
        print(hash ? outcome.hashText : outcome.timeline(replay: command), terminator: hash ? "\n" : "")
        if let html { try outcome.html(replay: command).write(toFile: html, atomically: true, encoding: .utf8) }
        if !outcome.violations.isEmpty { throw ExitCode(1) }
    }
}
