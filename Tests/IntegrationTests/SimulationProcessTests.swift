import Foundation
import TestSupport
import Testing

/// `connector-sim explore`, `replay` and `run --live` as processes of their own.
@Suite struct SimulationProcessTests {
    private func output(_ arguments: [String], environment: [String: String] = [:]) async throws -> String {
        let sim = try await ChildProcess("connector-sim", arguments, environment: environment)
        #expect(try await sim.waitForExit() == 0, "\(sim.standardError)")
        return sim.standardOutput
    }

    @Test func `the same seeds give the same traces, whatever the process hashes by and however many threads run`()
        async throws
    {
        func traces(_ jobs: String, _ environment: [String: String]) async throws -> Substring? {
            try await output(["explore", "--seeds", "12", "--jobs", jobs], environment: environment)
                .split(separator: "\n").first { $0.hasPrefix("all traces: ") }
        }
        // Without the variable each process draws a seed of its own for its hashes.
        let first = try await traces("1", ["SWIFT_DETERMINISTIC_HASHING": "1"])
        #expect(first != nil)
        #expect(try await traces("1", [:]) == first)
        #expect(try await traces("2", [:]) == first)
    }

    @Test func `a run that is recorded is replayed from its file, with the same trace`() async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "run-\(UUID()).yaml").path()
        defer { try? FileManager.default.removeItem(atPath: file) }
        let hash = try await output(["replay", "--seed", "3", "--large", "--record", file, "--hash"])
        #expect(hash.count == 17)
        #expect(try String(contentsOfFile: file, encoding: .utf8).contains("# trace \(hash)"))
        #expect(try await output(["replay", file, "--hash"]) == hash)
        #expect(try await output(["replay", "--seed", "4", "--hash"]) != hash)
    }

    @Test func `what befell a run is recorded without chance, and the simulation's part is told to mean nothing`()
        async throws
    {
        let folder = FileManager.default.temporaryDirectory.appending(path: "record-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let (scenario, record) = (folder.appending(path: "s.yaml").path(), folder.appending(path: "r.yaml").path())
        try """
        gateway:
          faults:
            - {path: /function/, probability: 0.2, act: {status: 503}}
        simulation: {replicas: 2}
        """.write(toFile: scenario, atomically: true, encoding: .utf8)
        let arguments = ["run", "--messages", "200", "--partitions", "1", "--max-in-flight", "1"]
        func refused(_ sim: ChildProcess) -> String? {
            let lines = sim.standardOutput.split(separator: "\n").map { $0.split(separator: " ") }
            return lines.first { $0.starts(with: ["status", "503"]) }?.last.map(String.init)
        }
        let first = try await ChildProcess(
            "connector-sim", arguments + ["--scenario", scenario, "--record", record])
        #expect(try await first.waitForExit() == 0, "\(first.standardError)")
        #expect(first.standardError.contains("\(scenario): of 'simulation' only 'faults' count here"))
        let recording = try String(contentsOfFile: record, encoding: .utf8)
        #expect(recording.contains("act: {status: 503}") && !recording.contains("probability"))
        let again = try await ChildProcess("connector-sim", arguments + ["--scenario", record])
        #expect(try await again.waitForExit() == 0, "\(again.standardError)")
        #expect(refused(first) != nil && refused(again) == refused(first))
    }

    private struct Line: Decodable {
        var expected: Int
        var produced: Int
        var handled: Int
        var verdict: String?
    }

    /// The run ends when it has been seen to go on, however long that takes.
    @Test func `a page shows a run as it goes on, until it is interrupted and accounts for what was sent`()
        async throws
    {
        let sim = try await ChildProcess(
            "connector-sim", ["run", "--messages", "1000000", "--rate", "100", "--partitions", "2", "--live"])
        let url = try await sim.line(after: "live ")
        let page = try await Command.run(["curl", "--silent", "--show-error", url])
        #expect(page.text.hasPrefix("<!doctype html>") && !page.text.contains("src="), "\(page.errors)")
        let curl = try await ChildProcess("/usr/bin/env", ["curl", "--silent", "--no-buffer", "\(url)events"])
        func lines() throws -> [Line] {
            // The last one may have been read in part.
            try curl.standardOutput.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
                .filter { !$0.isEmpty }
                .map { line in
                    #expect(line.hasPrefix("data: {"))
                    return try JSONDecoder().decode(Line.self, from: Data(line.dropFirst("data: ".count).utf8))
                }
        }
        try await eventually("a run that goes on") {
            let seen = try lines().filter { $0.handled > 0 }
            return Set(seen.map(\.handled)).count > 3
        }
        sim.send(SIGINT)
        #expect(try await sim.waitForExit() == 0, "\(sim.standardError)")
        _ = try await curl.waitForExit()
        let seen = try lines()
        #expect(zip(seen, seen.dropFirst()).allSatisfy { $0.handled <= $1.handled })
        #expect(seen.dropLast().allSatisfy { $0.verdict == nil })
        let last = try #require(seen.last)
        #expect(last.verdict == "over: the ledger is balanced")
        #expect(last.produced == last.handled && last.produced == last.expected && last.expected < 1_000_000)
        for part in ["faas-request\\/1", "\"name\":\"echo\""] { #expect(curl.standardOutput.contains(part)) }
        #expect(sim.standardOutput.contains("ledger") && sim.standardOutput.contains("balanced"))
        #expect(sim.standardError.contains("connector-sim: no more is sent"))
    }

    @Test(arguments: [SIGINT, SIGTERM])
    func `a second signal ends a run at once, whatever holds it up`(signal: Int32) async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "hang-\(UUID()).yaml").path()
        try "gateway:\n  faults:\n    - {path: /function/, act: halfOpen}\n"
            .write(toFile: file, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(atPath: file) }
        let sim = try await ChildProcess(
            "connector-sim",
            ["run", "--messages", "10", "--partitions", "1", "--patience", "100000", "--scenario", file])
        try await eventually("a call that hangs") { sim.standardError.contains("in flight 1 ") }
        sim.send(signal)
        try await eventually("the first signal") { sim.standardError.contains("a second signal") }
        sim.send(signal)
        #expect(try await sim.waitForExit() == 128 + signal)
    }

    @Test func `a scenario without a plan cannot be replayed without a seed, and that is told`() async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "none-\(UUID()).yaml").path()
        try "simulation: {brokers: 1}\n".write(toFile: file, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(atPath: file) }
        let sim = try await ChildProcess("connector-sim", ["replay", file])
        #expect(try await sim.waitForExit() != 0)
        #expect(sim.standardError.contains("\(file) has no plan; replay it by --seed SEED --scenario \(file)"))
    }
}
