import Foundation
import Scenarios
import SystemSimulation

/// Makes a failed run smaller, writes what a person needs to understand it, and says how to see it again.
struct FailureReporter {
    let folder: String
    /// What a replay needs beside the seed.
    let flags: String
    let standing: StandingFaults
    let shrinks: Bool

    func report(_ result: ExplorationTally.Content, seconds: Double) throws {
        guard let failed = result.failed.first, let violation = failed.violations.first else { return }
        let command = "connector-sim replay --seed \(failed.plan.seed)\(flags)"
        Processes.announce("seed \(failed.plan.seed): \(violation)\nreplay: \(command)")
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        var shown = failed
        if shrinks {
            let plan = failed.plan.shrunk(breaking: violation.invariant, standing: standing)
            let outcome = SystemRun.run(plan, standing: standing)
            if !outcome.violations.isEmpty { shown = outcome }
        }
        let base = "\(folder)/seed-\(failed.plan.seed)"
        let broken = "Breaks invariant \(violation.invariant.rawValue): \(violation.invariant)"
        let recording = try Scenario(recording: shown.plan, standing: standing).text(
            comment: "\(broken)\ntrace \(shown.hashText)")
        try write(recording, to: "\(base).yaml")
        let replay = "connector-sim replay \(base).yaml"
        try write(shown.timeline(replay: replay), to: "\(base).txt")
        try write(shown.html(replay: replay), to: "\(base).html")
        try write(
            JUnitReport.xml(runs: result.runs, seconds: seconds, failed: result.failed) { outcome in
                "connector-sim replay --seed \(outcome.plan.seed)\(flags)"
            }, to: "\(folder)/junit.xml")
        Processes.announce(
            """
            made smaller: \(shown.plan.summary)
            replay: \(replay)
            timeline: \(base).txt
            page: \(base).html
            """)
    }

    private func write(_ text: String, to path: String) throws {
        try text.write(toFile: path, atomically: true, encoding: .utf8)
    }
}
