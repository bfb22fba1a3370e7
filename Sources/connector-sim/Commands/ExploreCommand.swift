import ArgumentParser
import Foundation
import Simulation
import SystemSimulation

struct ExploreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explore",
        abstract: "Runs the whole system from many seeds in virtual time, with faults, and checks it.",
        discussion: """
            Each seed draws a system, its load and its faults; the same seed gives the same run. The first run that \
            breaks an invariant is made smaller and reported, and the exit status is 1.
            """)

    @Option(help: "How many seeds.")
    var seeds = 10_000

    @Option(help: "The first seed.")
    var first: UInt64 = 1

    @Option(help: "Threads; 0 takes one a core.")
    var jobs = 0

    @Option(help: "Stop after so many minutes, however many seeds are left; 0 is no limit.")
    var minutes = 0.0

    @Flag(help: "Larger systems: up to 3 brokers, 4 replicas, 200 messages and 8 faults.")
    var large = false

    @Option(help: "A YAML file that fixes the system's size and faults; docs/scenarios.md describes it.")
    var scenario: String?

    @Option(help: "At a violation, where its timeline, page, plan and JUnit report go.")
    var reports = "simulation-reports"

    @Option(help: "A file that gets a line for each seed, with the hash of its trace: to compare builds and machines.")
    var traces: String?

    @Flag(help: "Report a violation as it is, without making it smaller.")
    var noShrinking = false

    @Option(help: "So many failed runs are gathered before it stops.")
    var failures = 1

    func validate() throws {
        guard seeds > 0 else { throw ValidationError("--seeds \(seeds): 1 or more") }
        guard (0...256).contains(jobs) else { throw ValidationError("--jobs \(jobs): 0 to 256") }
        guard minutes >= 0, minutes < 100_000 else { throw ValidationError("--minutes \(minutes): 0 or more") }
    }

    func run() async throws {
        let exploration = Exploration(
            firstSeed: first, seeds: seeds, shape: large ? .large : .typical,
            scenario: try scenario.map { try SimulationArguments.scenario($0) })
        let tally = ExplorationTally(keepsHashes: traces != nil)
        let clock = ContinuousClock()
        let start = clock.now
        let threads = jobs > 0 ? jobs : max(1, ProcessInfo.processInfo.activeProcessorCount)
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<threads {
                group.addTask {
                    await WorkerThread.run("explorer \(number)") { tally.work(on: exploration, failureLimit: failures) }
                }
            }
            group.addTask { await self.watch(tally, since: start) }
            for _ in 0..<threads { await group.next() }
            group.cancelAll()
        }
        let seconds = (clock.now - start) / .seconds(1)
        let result = tally.now
        Processes.announce(ExploreReport.text(result, seconds: seconds))
        if let traces { try Self.write(result.hashes, to: traces) }
        guard !result.failed.isEmpty else { return }
        let reporter = FailureReporter(
            folder: reports, flags: SimulationArguments.flags(isLarge: large, scenario: scenario),
            standing: exploration.scenario?.standing ?? StandingFaults(), shrinks: !noShrinking)
        try reporter.report(result, seconds: seconds)
        throw ExitCode(1)
    }

    private static func write(_ hashes: [UInt64: UInt64], to file: String) throws {
        let lines = hashes.sorted { $0.key < $1.key }.map { "\($0.key) \(SystemOutcome.text(ofHash: $0.value))\n" }
        try lines.joined().write(toFile: file, atomically: true, encoding: .utf8)
    }

    /// A line every few seconds, and the end when the time is up.
    private func watch(_ tally: ExplorationTally, since start: ContinuousClock.Instant) async {
        let clock = ContinuousClock()
        var lastLine = start
        while !Task.isCancelled {
            do { try await clock.sleep(for: .milliseconds(200)) } catch { return }
            if minutes > 0, clock.now - start >= .seconds(minutes * 60) { tally.stop() }
            guard clock.now - lastLine >= .seconds(10) else { continue }
            lastLine = clock.now
            let content = tally.now
            let rate = Double(content.runs) / ((clock.now - start) / .seconds(1))
            Processes.announce("\(content.runs) of \(seeds) seeds, \(Int(rate)) a second")
        }
    }
}

/// What an exploration has seen, for people.
enum ExploreReport {
    static func text(_ result: ExplorationTally.Content, seconds: Double) -> String {
        let rate = seconds > 0 ? Double(result.runs) / seconds : 0
        var lines = [
            "\(result.runs) seeds in \(tenths(seconds)) s: \(Int(rate)) a second, "
                + "\(result.runs > 0 ? result.steps / result.runs : 0) steps and "
                + "\(tenths(result.runs > 0 ? result.virtualSeconds / Double(result.runs) : 0)) s of virtual time each",
            "faults and states reached:",
        ]
        for (name, count) in result.checks.reached.sorted(by: { $0.key < $1.key }) {
            lines.append("  \(count)\t\(name)")
        }
        lines.append("all traces: \(SystemOutcome.text(ofHash: result.traces))")
        lines.append(result.failed.isEmpty ? "no invariant is broken" : "\(result.failed.count) runs failed")
        return lines.joined(separator: "\n")
    }

    private static func tenths(_ number: Double) -> String { "\((number * 10).rounded() / 10)" }
}
