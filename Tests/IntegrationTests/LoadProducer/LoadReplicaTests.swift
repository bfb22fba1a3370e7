import FakeBroker
import Foundation
import TestSupport
import Testing

/// Several producers of one run.
@Suite struct LoadReplicaTests {
    @Test func `they start together, and one prints what all came to`() async throws {
        try await LoadRun.with { run in
            let folder = try TemporaryFolder()
            var processes: [ChildProcess] = []
            for index in 0..<3 {
                let flags = [
                    "--run", "r", "--replicas", "3", "--messages", "100", "--rate", "200", "--json",
                    folder.file("\(index).json"), "--timestamps", "intended", "--keys", "uniform:1000",
                ]
                // As an indexed job of Kubernetes has it.
                processes.append(
                    try await run.start(flags, environment: ["JOB_COMPLETION_INDEX": "\(index)"]))
                if index < 2 { #expect(try await run.broker.endOffsets(topic: LoadRun.topic).reduce(0, +) == 0) }
            }
            for process in processes {
                #expect(try await process.waitForExit() == 0, "\(process.standardError)")
            }
            let merged = processes.filter { $0.summary["acknowledged"] == "300" }
            #expect(merged.count == 1)
            #expect(merged.first?.summary["producers"]?.split(separator: ", ").count == 3)
            #expect(processes.count { $0.standardOutput.contains("the report of all is") } == 2)
            let files = (0..<3).filter { (try? folder.text("\($0).json").contains("\"acknowledged\" : 300")) == true }
            #expect(files.count == 1)
            try await run.run("verify", "--report", folder.file("\(files.first ?? 0).json"))
            // Each sends otherwise, from the same seed.
            let keys = try await run.records().flatMap { $0 }.compactMap(\.key)
            #expect(Set(keys).count > 200)
        }
    }

    @Test func `the same run can be had again`() async throws {
        try await LoadRun.with { run in
            for _ in 0..<2 {
                let flags = ["--run", "again", "--replicas", "2", "--messages", "10"]
                let left = try await run.start(flags + ["--producer", "a"])
                let right = try await run.start(flags + ["--producer", "b"])
                #expect(try await left.waitForExit() == 0, "\(left.standardError)")
                #expect(try await right.waitForExit() == 0, "\(right.standardError)")
                #expect([left, right].count { $0.summary["acknowledged"] == "20" } == 1)
            }
        }
    }

    @Test func `those who wait in vain say so`() async throws {
        try await LoadRun.with { run in
            let process = try await run.run(
                "--run", "r", "--replicas", "2", "--producer", "a", "--barrier-timeout", "500ms", expecting: 2)
            #expect(process.standardError.contains("fewer than 2 producers of run r came"))
        }
    }
}
