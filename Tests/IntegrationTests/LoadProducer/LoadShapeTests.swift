import FakeBroker
import Foundation
import TestSupport
import Testing

/// When messages leave, by the times that the broker's log has.
@Suite struct LoadShapeTests {
    /// Milliseconds from the first record's intended time, sorted.
    private func intendedTimes(_ run: LoadRun) async throws -> [Int64] {
        let times = try await run.records().flatMap { $0 }.map(\.timestamp).sorted()
        let first = try #require(times.first)
        return times.map { $0 - first }
    }

    @Test(arguments: [
        (["--rate", "200"], 200, 95...105), (["--shape", "steps", "--steps", "50:500ms,350:5s"], 200, 23...27),
        (["--shape", "ramp", "--rate", "0", "--rate-to", "400", "--period", "1s"], 200, 45...56),
        (["--shape", "sine", "--rate", "200", "--amplitude", "200", "--period", "1s"], 200, 155...169),
        (
            ["--shape", "spike", "--rate", "20", "--rate-to", "400", "--spike-length", "450ms", "--period", "1s"], 191,
            175...186
        ),
    ])
    func `a shape has its messages where they belong`(
        flags: [String], count: Int, firstHalf: ClosedRange<Int>
    ) async throws {
        try await LoadRun.with { run in
            let process = try await run.start(flags + ["--duration", "1s", "--timestamps", "intended"])
            #expect(try await process.waitForExit() == 0, "\(process.standardError)")
            let times = try await intendedTimes(run)
            #expect((count - 2...count + 2).contains(times.count))
            #expect(firstHalf.contains(times.filter { $0 < 500 }.count), "\(times.filter { $0 < 500 }.count)")
        }
    }

    @Test func `gaps by chance come from the seed`() async throws {
        func times(_ seed: String) async throws -> [Int64] {
            var times: [Int64] = []
            try await LoadRun.with { run in
                try await run.run(
                    "--shape", "poisson", "--rate", "500", "--messages", "200", "--timestamps", "intended", "--seed",
                    seed)
                times = try await intendedTimes(run)
            }
            return times
        }
        let first = try await times("1")
        let again = try await times("1")
        // The clocks of two runs may round otherwise by a millisecond.
        #expect(zip(first, again).allSatisfy { abs($0 - $1) <= 1 })
        #expect(try await times("2") != first)
        let gaps = Set(zip(first.dropFirst(), first).map { $0 - $1 })
        #expect(gaps.count > 3)
    }

    @Test func `a closed loop keeps to what may be in flight`() async throws {
        try await LoadRun.with { run in
            try await run.broker.intercept { $0.api == "Produce" ? .delay(.milliseconds(50)) : .handle }
            let process = try await run.run(
                "--messages", "0", "--duration", "1s", "--in-flight", "2", "--partitioner", "0", "--linger", "0")
            let acknowledged = try #require(process.summary["acknowledged"].flatMap { Int($0) })
            // Two every 50 ms at most.
            #expect((4...42).contains(acknowledged), "\(acknowledged)")
        }
    }

    @Test func `what is sent while warming up is left out of the report`() async throws {
        try await LoadRun.with { run in
            let process = try await run.run("--duration", "1s", "--warm-up", "600ms", "--rate", "100")
            #expect(process.summary["left out as warm-up"] == "60")
            #expect(process.summary["acknowledged"] == "40")
            #expect(try await run.broker.endOffsets(topic: LoadRun.topic).reduce(0, +) == 100)
        }
    }

    @Test func `latency counts from the intended time, and the acknowledgement's own stands beside it`() async throws {
        try await LoadRun.with { run in
            try await run.broker.intercept { $0.api == "Produce" ? .delay(.milliseconds(100)) : .handle }
            let folder = try TemporaryFolder()
            try await run.run(
                "--messages", "40", "--rate", "200", "--partitioner", "0", "--json", folder.file("r.json"),
                "--kafka.queue.buffering.max.messages", "1", "--linger", "0")
            let report = try folder.json("r.json")
            let latency = try #require(report["latencyMilliseconds"] as? [String: Any])
            let own = try #require(report["acknowledgementMilliseconds"] as? [String: Any])
            let behind = try #require(report["behindScheduleMilliseconds"] as? [String: Any])
            // One message every 100 ms where one every 5 ms was meant: the last is some 3.8 s late.
            #expect(try #require(latency["max"] as? Double) > 3_000)
            #expect(try #require(own["p50"] as? Double) < 1_000)
            #expect(try #require(behind["max"] as? Double) > 2_500)
            #expect(latency["count"] as? Int == 40)
        }
    }
}
