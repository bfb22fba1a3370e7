import Foundation
import TestSupport
import Testing

/// Faults of a scenario's `simulation` in `connector-sim run`, over sockets and in real time.
@Suite struct TimedFaultsTests {
    /// Standard output and error of a run that balanced.
    private func run(_ scenario: String, _ arguments: String...) async throws -> (output: String, errors: String) {
        let file = FileManager.default.temporaryDirectory.appending(path: "timed-\(UUID()).yaml").path()
        try scenario.write(toFile: file, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(atPath: file) }
        let sim = try await ChildProcess(
            "connector-sim", ["run", "--scenario", file, "--partitions", "2"] + arguments)
        #expect(try await sim.waitForExit() == 0, "\(sim.standardError)")
        return (sim.standardOutput, sim.standardError)
    }

    /// What stands behind a name in the report.
    private func row(_ name: String, _ output: String) -> Int? {
        let line = output.split(separator: "\n").first { $0.drop { $0 == " " }.hasPrefix(name) }
        return line?.split(separator: " ").last.flatMap { Int($0) }
    }

    @Test func `a broker goes and comes back, and every message comes through`() async throws {
        let (output, errors) = try await run(
            """
            simulation:
              faults:
                - {at: 300ms, for: 700ms, fault: crashBroker, target: 0}
                - {at: 1500ms, fault: resetConnections, peer: 0}
            """, "--messages", "400", "--rate", "200")
        #expect(row("produced", output) == 400 && row("status 200", output) == 400)
        #expect(output.contains("balanced") && !output.contains("NOT BALANCED"))
        #expect(errors.contains("fault: crashBroker broker 1") && errors.contains("end of fault: crashBroker broker 1"))
    }

    @Test func `the connector stops and starts again, and every message is called for once`() async throws {
        let (output, errors) = try await run(
            "simulation: {faults: [{at: 500ms, for: 300ms, fault: stopReplica, target: 1}]}",
            "--messages", "400", "--rate", "200")
        #expect(row("consumed", output) == 400 && row("status 200", output) == 400)
        #expect(errors.contains("end of fault: stopReplica"))
    }

    @Test func `a function fails, is slow and is gone for a while, and the file's own rules do not begin anew`()
        async throws
    {
        let (output, errors) = try await run(
            """
            gateway: {faults: [{path: /function/, after: 5, count: 2, act: {status: 418}}]}
            simulation:
              faults:
                - {at: 400ms, for: 200ms, fault: slowFunction, target: 0, amount: 50}
                - {at: 800ms, for: 400ms, fault: failingFunction, target: 0}
                - {at: 1400ms, for: 400ms, fault: removeFunction, target: 0}
            """, "--messages", "500", "--rate", "200")
        #expect(row("status 418", output) == 2)
        #expect(row("status 500", output) ?? 0 > 10)
        #expect(row("status 404", output) ?? 0 > 10)
        #expect(output.contains("balanced") && !output.contains("NOT BALANCED"))
        #expect(errors.contains("fault: removeFunction f0"))
    }

    @Test func `what a partition holds back arrives when it is over`() async throws {
        let (output, _) = try await run(
            """
            simulation:
              faults:
                - {at: 400ms, for: 600ms, fault: partition, target: 0, peer: 0}
                - {at: 1500ms, for: 600ms, fault: partition, target: 0, peer: gateway}
            """, "--messages", "400", "--rate", "200")
        #expect(row("status 200", output) == 400)
        // `call p50 / p99 / max  1.2 ms / 17.8 ms / 605.9 ms`: some call waited.
        let latencies = output.split(separator: "\n").first { $0.hasPrefix("call p50") }
        let longest = latencies?.split(separator: " ").dropLast().last.flatMap { Double($0) }
        #expect(longest ?? 0 > 400, "\(output)")
    }

    @Test func `what has no meaning on sockets is left out, by name and with its reason`() async throws {
        let (_, errors) = try await run(
            """
            simulation:
              replicas: 2
              faults:
                - {at: 1ms, for: 1ms, fault: crashReplica}
                - {at: 1ms, for: 1ms, fault: skewClock, amount: 120}
                - {at: 1ms, for: 1ms, fault: lossyLink, amount: 20, peer: gateway}
            """, "--messages", "10")
        #expect(errors.contains("of 'simulation' only 'faults' count here"))
        for fault in ["crashReplica", "skewClock", "lossyLink"] {
            #expect(errors.contains("the fault \(fault) is left out: "))
        }
        #expect(!errors.contains("fault: "))
    }
}
