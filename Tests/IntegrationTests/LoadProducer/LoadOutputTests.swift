import FakeBroker
import Foundation
import TestSupport
import Testing

/// What a run leaves behind.
@Suite struct LoadOutputTests {
    @Test func `report, intervals and page are written and agree`() async throws {
        try await LoadRun.with { run in
            let folder = try TemporaryFolder()
            let process = try await run.run(
                "--messages", "500", "--rate", "500", "--interval", "100ms", "--run", "r", "--json",
                folder.file("r.json"), "--csv", folder.file("r.csv"), "--html", folder.file("r.html"))
            let report = try folder.json("r.json")
            #expect(report["acknowledged"] as? Int == 500)
            #expect(report["run"] as? String == "r")
            let lines = try folder.text("r.csv").split(separator: "\n").map { $0.split(separator: ",") }
            #expect(lines.count >= 9)
            #expect(lines.dropFirst().reduce(0) { $0 + (Int($1[1]) ?? 0) } == 500)
            #expect(lines.dropFirst().reduce(0) { $0 + (Int($1[2]) ?? 0) } == 500)
            let page = try folder.text("r.html")
            #expect(page.contains("<svg") && page.contains("500 messages of 100 B"))
            #expect(process.summary["acknowledged"] == "500")
        }
    }

    @Test func `the report can be printed as JSON alone`() async throws {
        try await LoadRun.with { run in
            let process = try await run.run("--messages", "20", "--json", "-", "--progress", "false")
            let data = Data(process.standardOutput.utf8)
            let report = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
            #expect(report["sent"] as? Int == 20)
            #expect(process.standardError == "")
        }
    }

    @Test func `metrics are served while it runs`() async throws {
        try await LoadRun.with { run in
            let process = try await run.start([
                "--messages", "0", "--rate", "300", "--metrics-listen", "127.0.0.1:0",
            ])
            var url: Substring?
            try await eventually("the address") {
                url = process.standardError.firstMatch(of: /metrics at (http:\S+)\s/)?.1
                return url != nil
            }
            let address = String(try #require(url))
            var text = ""
            try await eventually("messages are counted") {
                text = try await Command.run(["curl", "-s", address]).text
                return text.contains(/load_producer_acknowledged_total [1-9]/)
            }
            #expect(text.contains("load_producer_target_rate 300.0"))
            let health = address.replacing("metrics", with: "healthz")
            #expect(try await Command.run(["curl", "-s", health]).text == "ok\n")
            process.send(SIGTERM)
            #expect(try await process.waitForExit() == 0)
            #expect(process.summary["ended by"] == "a signal")
        }
    }

    @Test func `a signal flushes, and every report is written`() async throws {
        try await LoadRun.with { run in
            let folder = try TemporaryFolder()
            let process = try await run.start([
                "--messages", "0", "--rate", "500", "--linger", "5s", "--json", folder.file("r.json"), "--csv",
                folder.file("r.csv"), "--html", folder.file("r.html"), "--metrics-listen", "127.0.0.1:0",
            ])
            try await eventually("it runs") { process.standardError.contains("sent") }
            process.send(SIGTERM)
            #expect(try await process.waitForExit() == 0)
            let report = try folder.json("r.json")
            #expect(report["interrupted"] as? Bool == true)
            let sent = try #require(report["sent"] as? Int)
            #expect(sent > 0)
            #expect(report["acknowledged"] as? Int == sent)
            #expect(try await run.broker.endOffsets(topic: LoadRun.topic).reduce(0, +) == Int64(sent))
            #expect(try folder.text("r.html").contains("a signal"))
        }
    }

    @Test func `thresholds decide the exit code`() async throws {
        try await LoadRun.with { run in
            try await run.run("--messages", "50", "--max-p99", "30s", "--min-rate", "1", "--max-errors", "0")
            let slow = try await run.run("--messages", "20", "--rate", "100", "--min-rate", "5000", expecting: 1)
            #expect(slow.standardError.contains("load-producer: min-rate: "))
            #expect(slow.summary["acknowledged"] == "20")
            try await run.broker.intercept { $0.api == "Produce" ? .delay(.milliseconds(200)) : .handle }
            let late = try await run.run("--messages", "5", "--max-p99", "50ms", expecting: 1)
            #expect(late.standardError.contains("load-producer: max-p99: "))
            try await run.broker.intercept { $0.api == "Produce" ? .fail(.init(rawValue: 29)) : .handle }
            try await run.run("--messages", "10", "--max-errors", "10")
            try await run.run("--messages", "10", "--max-errors", "100%")
            let failed = try await run.run("--messages", "10", "--max-errors", "9", expecting: 1)
            #expect(failed.standardError.contains("load-producer: max-errors: "))
        }
    }

    @Test func `progress tells rate, lag, in flight, errors and what is left`() async throws {
        try await LoadRun.with { run in
            let process = try await run.run("--messages", "250", "--rate", "100")
            for part in ["% | sent ", " | failed 0 | in flight ", "/s | p99 ", " s left"] {
                #expect(process.standardError.contains(part))
            }
        }
    }

    @Test func `workloads are listed, and shown with what is set`() async throws {
        let list = try await ChildProcess("load-producer", ["--list-workloads"])
        #expect(try await list.waitForExit() == 0)
        for name in ["smoke", "steady", "hot-key", "burst", "large", "tiny", "transactional"] {
            #expect(list.standardOutput.contains("# \(name): "))
        }
        let shown = try await ChildProcess(
            "load-producer",
            [
                "--workload", "burst", "--brokers", "a", "--topic", "t", "--rate", "5", "--print-config",
                "--kafka.sasl.password", "hush",
            ])
        #expect(try await shown.waitForExit() == 0)
        #expect(shown.standardOutput.contains("rate: \"5\"  # flag"))
        #expect(shown.standardOutput.contains("rate_to: \"10000\"  # burst:4"))
        #expect(!shown.standardOutput.contains("hush"))
    }

    @Test(arguments: ["smoke", "hot-key", "large", "tiny", "transactional", "steady", "burst"])
    func `a ready-made workload runs, and verifies`(name: String) async throws {
        try await LoadRun.with({ $0.limits.batchBytes = 2_000_000 }) { run in
            // Shorter than they are, or a test takes minutes.
            let shorter = ["--messages", "100", "--duration", "3s", "--warm-up", "0s", "--verification", "true"]
            let process = try await run.start(
                ["--workload", name, "--run", "w"] + shorter
                    + (name == "transactional" ? LoadRun.patientTransactions : []))
            #expect(try await process.waitForExit() == 0, "\(process.standardOutput)\(process.standardError)")
            try await run.run("verify", "--run", "w")
        }
    }
}
