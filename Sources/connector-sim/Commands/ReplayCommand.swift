import ArgumentParser
import Foundation
import Scenarios
import SystemSimulation

struct ReplayCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Runs one seed, or a plan from a file, again, and prints what happened.",
        discussion: "The exit status is 1 if an invariant is broken.")

    @Argument(help: "A scenario with a plan in it, as explore and replay --record write it.")
    var file: String?

    @Option(help: "A seed, as explore names it.")
    var seed: UInt64?

    @Flag(help: "The seed was explored with --large.")
    var large = false

    @Option(help: "The scenario that the seed was explored with.")
    var scenario: String?

    @Flag(help: "Print the hash of the trace and nothing else.")
    var hash = false

    @Option(help: "Also write the run to this file, as a scenario that replay takes.")
    var record: String?

    @Option(help: "Also write a page with lanes to this file.")
    var html: String?

    func validate() throws {
        guard (file == nil) != (seed == nil) else { throw ValidationError("give --seed SEED or a FILE") }
        guard file == nil || scenario == nil && !large else {
            throw ValidationError("a FILE has its scenario in it: neither --scenario nor --large goes with it")
        }
    }

    func run() throws {
        let fixed = try (file ?? scenario).map { try SimulationArguments.scenario($0) }
        let command: String
        let first: UInt64
        if let file {
            guard let plan = fixed?.plan else {
                throw ValidationError("\(file) has no plan; replay it by --seed SEED --scenario \(file)")
            }
            first = plan.seed
            command = "connector-sim replay \(file)"
        } else {
            first = seed ?? 0
            let flags = SimulationArguments.flags(isLarge: large, scenario: scenario)
            command = "connector-sim replay --seed \(first)\(flags)"
        }
        let exploration = Exploration(firstSeed: first, seeds: 1, shape: large ? .large : .typical, scenario: fixed)
        let outcome = exploration.run(exploration.plan(of: first))
        if let record {
            let recording = Scenario(recording: outcome.plan, standing: exploration.standing)
            try recording.text(comment: "\(command)\ntrace \(outcome.hashText)")
                .write(toFile: record, atomically: true, encoding: .utf8)
        }
        print(hash ? outcome.hashText : outcome.timeline(replay: command), terminator: hash ? "\n" : "")
        if let html { try outcome.html(replay: command).write(toFile: html, atomically: true, encoding: .utf8) }
        if !outcome.violations.isEmpty { throw ExitCode(1) }
    }
}
