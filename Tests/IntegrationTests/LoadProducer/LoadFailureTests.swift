import FakeBroker
import TestSupport
import Testing

/// What cannot work ends with exit code 2 and one line, soon.
@Suite struct LoadFailureTests {
    private func expectOneLine(_ process: ChildProcess, _ words: String...) async throws {
        #expect(try await process.waitForExit() == 2, "\(process.standardOutput)")
        #expect(process.standardError.hasPrefix("load-producer: "), "\(process.standardError)")
        #expect(process.standardError.split(separator: "\n").count == 1, "\(process.standardError)")
        for word in words { #expect(process.standardError.contains(word), "\(process.standardError)") }
        #expect(process.standardOutput == "")
    }

    @Test(arguments: [
        (["--keys", "zipf"], "--keys"), (["--kafka.nonsense", "1"], "nonsense=1"),
        (["--shape", "spike"], "--rate-to"), (["--acks", "1", "--transactional-id", "x"], "acks"),
        (["--workload", "nothing"], "--workload"), (["--html", "/nowhere/page.html"], "--html /nowhere"),
        (["--csv", "/nowhere/table.csv"], "--csv /nowhere"), (["--json", "/nowhere/r.json"], "--json /nowhere"),
        (["--metrics-listen", "nowhere"], "--metrics-listen"), (["--partitioner", "9"], "--partitioner 9"),
        (["--metrics-listen", "256.1.1.1:80"], "metrics_listen"),
    ])
    func `a flag that cannot be used is told`(flags: [String], words: String) async throws {
        try await LoadRun.with { run in try await expectOneLine(try await run.start(flags), words) }
    }

    @Test func `a wrong password is told as such`() async throws {
        try await LoadRun.with { configuration in
            configuration.security.listeners = [.init(.saslPlaintext)]
            configuration.security.users = [.init("alice", password: "right")]
        } _: { run in
            let folder = try TemporaryFolder()
            let flags = [
                "--username-file", try folder.write("alice", "user"), "--password-file",
                try folder.write("wrong", "password"),
            ]
            try await expectOneLine(try await run.start(flags), "refuses", "_AUTHENTICATION")
            try await expectOneLine(try await run.start(["verify"] + flags), "refuses", "_AUTHENTICATION")
        }
    }

    @Test func `a topic that the brokers forbid is told as such`() async throws {
        try await LoadRun.with { configuration in
            configuration.security.listeners = [.init(.saslPlaintext)]
            configuration.security.users = [.init("alice", password: "right")]
            configuration.security.authorization = .init()
        } _: { run in
            let folder = try TemporaryFolder()
            let flags = [
                "--username-file", try folder.write("alice", "user"), "--password-file",
                try folder.write("right", "password"),
            ]
            try await expectOneLine(try await run.start(flags), "refuses topic load", "TOPIC_AUTHORIZATION_FAILED")
            try await expectOneLine(
                try await run.start(flags + ["--partitions", "3"]), "topic load", "AUTHORIZATION_FAILED")
        }
    }

    @Test func `verify tells a missing topic and a report that is none`() async throws {
        try await LoadRun.with({ $0.autoCreateTopics = false }) { run in
            try await expectOneLine(try await run.start(["verify", "--topic", "nowhere"]), "nowhere does not exist")
            try await expectOneLine(try await run.start(["verify", "--report", "/nowhere"]), "--report /nowhere")
            let folder = try TemporaryFolder()
            try await expectOneLine(
                try await run.start(["verify", "--report", try folder.write("{}", "r.json")]), "--json")
        }
    }

    @Test func `brokers that answer nothing hang nobody`() async throws {
        try await LoadRun.with { run in
            try await run.broker.intercept { _ in .drop }
            try await expectOneLine(try await run.start(["--messages", "1"]), "no answer from 127.0.0.1:")
        }
    }

    @Test func `a message that is too large is counted, and the next is sent`() async throws {
        try await LoadRun.with { run in
            let process = try await run.run(
                "--messages", "40", "--size", "uniform:100:3000", "--kafka.message.max.bytes", "2000", expecting: 1)
            let failed = try #require(process.summary["failed"].flatMap { Int($0) })
            #expect((5...30).contains(failed))
            #expect(process.summary["MSG_SIZE_TOO_LARGE"] != nil)
            #expect(process.summary["acknowledged"] == "\(40 - failed)")
        }
    }

    @Test func `an id that a newer producer took over ends the run`() async throws {
        try await LoadRun.with { run in
            let old = try await run.start(
                ["--messages", "0", "--rate", "200", "--transactional-id", "x", "--transaction-size", "10"]
                    + LoadRun.patientTransactions)
            try await eventually("it sends") {
                try await run.broker.endOffsets(topic: LoadRun.topic).reduce(0, +) > 20
            }
            try await run.run("--messages", "10", "--transactional-id", "x")
            #expect(try await old.waitForExit() == 2)
            #expect(old.standardError.contains("FENCED"), "\(old.standardError)")
        }
    }
}
