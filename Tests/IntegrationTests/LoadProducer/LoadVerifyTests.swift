import FakeBroker
import FakeGateway
import Foundation
import TestSupport
import Testing

/// Records read back, and followed to the functions.
@Suite struct LoadVerifyTests {
    /// A run of 300 records with its report in the folder.
    private func produce(_ run: LoadRun, _ folder: TemporaryFolder, _ flags: [String] = []) async throws {
        let process = try await run.start(
            ["--messages", "300", "--run", "r", "--keys", "sequential", "--json", folder.file("r.json")] + flags)
        #expect(try await process.waitForExit() == 0, "\(process.standardError)")
    }

    /// A record as it is in the log, to be appended again.
    private func copy(_ record: FakeBroker.StoredRecord, value: [UInt8]? = nil) -> FakeBroker.Record {
        FakeBroker.Record(key: record.key, value: value ?? record.value, headers: record.headers)
    }

    @Test func `what was sent is all there, once, in order, unchanged`() async throws {
        try await LoadRun.with { run in
            let folder = try TemporaryFolder()
            try await produce(run, folder)
            let process = try await run.run(
                "verify", "--report", folder.file("r.json"), "--json", folder.file("v.json"))
            #expect(process.summary["records"]?.hasPrefix("300, 300 different ones of r/0") == true)
            for trouble in ["lost", "duplicates", "out of order", "corrupted"] {
                #expect(process.summary[trouble] == "0")
            }
            #expect(try folder.json("v.json")["distinct"] as? Int == 300)
        }
    }

    @Test func `a double, a change and a record out of order are found`() async throws {
        try await LoadRun.with { run in
            let folder = try TemporaryFolder()
            try await produce(run, folder)
            let record = try await run.records()[0][0]
            _ = try await run.broker.append([copy(record)], to: LoadRun.topic)
            let doubled = try await run.run("verify", "--run", "r", expecting: 1)
            #expect(doubled.summary["duplicates"] == "1")
            _ = try await run.broker.append([copy(record, value: [7])], to: LoadRun.topic)
            let changed = try await run.run("verify", "--run", "r", expecting: 1)
            #expect(changed.summary["corrupted"] == "1")
            #expect(changed.standardOutput.contains("load/0@"))
            // Allowed by name, it fails nothing.
            try await run.run("verify", "--run", "r", "--allow", "duplicates,corruption")
            // In a topic of their own, the last before the first.
            try await run.broker.createTopic("turned", partitions: 1)
            let all = try await run.records()[0]
            _ = try await run.broker.append(all.reversed().map { copy($0) }, to: "turned")
            let turned = try await run.run(
                "verify", "--topic", "turned", "--run", "r", "--allow", "gaps", expecting: 1)
            #expect(turned.summary["out of order"] == "\(all.count - 3)" || turned.summary["out of order"] != "0")
        }
    }

    @Test func `what is lost is found, in the middle and at the end`() async throws {
        try await LoadRun.with { run in
            let folder = try TemporaryFolder()
            try await produce(run, folder)
            try await run.broker.createTopic("part", partitions: 1)
            let all = try await run.records().flatMap { $0 }
            func sequence(_ record: FakeBroker.StoredRecord) -> Int {
                let text = String(decoding: record.headers.last?.value ?? [], as: UTF8.self)
                return text.firstMatch(of: /sequence=([0-9]+)/).flatMap { Int($0.1) } ?? -1
            }
            let kept = all.sorted { sequence($0) < sequence($1) }.filter { sequence($0) != 100 && sequence($0) < 295 }
            _ = try await run.broker.append(kept.map { copy($0) }, to: "part")
            let alone = try await run.run("verify", "--topic", "part", "--run", "r", expecting: 1)
            #expect(alone.summary["lost"] == "1")
            #expect(alone.standardOutput.contains("missing r/0: 100…100"))
            let known = try await run.run(
                "verify", "--topic", "part", "--report", folder.file("r.json"), expecting: 1)
            #expect(known.summary["lost"] == "6")
            let expected = try await run.run(
                "verify", "--topic", "part", "--expect", "300", "--timeout", "1s", expecting: 1)
            #expect(expected.summary["ended"] != nil)
        }
    }

    @Test func `what failed may be missing`() async throws {
        try await LoadRun.with { run in
            let folder = try TemporaryFolder()
            // Of at least twenty requests, all from the fourth on are refused for good.
            let requests = Mutexed(0)
            try await run.broker.intercept { request in
                guard request.api == "Produce" else { return .handle }
                let number = requests.change { count in
                    count += 1
                    return count
                }
                return number > 3 ? .fail(.topicAuthorizationFailed) : .handle
            }
            try await run.run(
                "--messages", "200", "--rate", "400", "--run", "r", "--json", folder.file("r.json"), "--max-errors",
                "200", "--kafka.batch.num.messages", "10")
            let failed = try #require(try folder.json("r.json")["failed"] as? Int)
            #expect(failed > 0)
            let verify = try await run.run("verify", "--report", folder.file("r.json"))
            #expect(verify.summary["legal: missing, reported as failed"] == "\(failed)")
        }
    }

    @Test func `aborted transactions are told from what is lost`() async throws {
        try await LoadRun.with { run in
            let folder = try TemporaryFolder()
            try await produce(
                run, folder,
                ["--transactional-id", "x", "--transaction-size", "10", "--abort-ratio", "0.4"]
                    + LoadRun.patientTransactions)
            let aborted = try #require(try folder.json("r.json")["aborted"] as? Int)
            #expect(aborted > 20 && aborted < 250 && aborted.isMultiple(of: 10))
            let committed = try await run.run("verify", "--report", folder.file("r.json"))
            #expect(committed.summary["records"]?.hasPrefix("\(300 - aborted), ") == true)
            let all = try await run.run(
                "verify", "--report", folder.file("r.json"), "--isolation", "read_uncommitted")
            #expect(all.summary["legal: aborted, and asked for"] == "\(aborted)")
        }
    }

    @Test func `compaction may take what has a later record of its key`() async throws {
        try await LoadRun.with { configuration in
            configuration.topics = [
                .init(
                    LoadRun.topic, partitions: 1,
                    configs: [
                        "cleanup.policy": "compact", "segment.bytes": "2000", "min.cleanable.dirty.ratio": "0.01",
                    ])
            ]
        } _: { run in
            let folder = try TemporaryFolder()
            try await produce(run, folder, ["--seed", "4", "--linger", "0", "--rate", "1500"])
            // The same keys again, so that the first run's are old.
            try await run.run("--messages", "300", "--run", "again", "--keys", "sequential", "--linger", "0")
            try await run.broker.cleanLogs(topic: LoadRun.topic)
            let left = try await run.records()[0].count
            #expect(left < 600)
            let strict = try await run.start(["verify", "--report", folder.file("r.json")])
            #expect(try await strict.waitForExit() == 1)
            let legal = try await run.run("verify", "--report", folder.file("r.json"), "--compacted")
            #expect(legal.summary["lost"] == "0")
            #expect(legal.summary["legal: missing, compacted away"] != nil)
        }
    }

    @Test func `members of a group share the reading`() async throws {
        try await LoadRun.with { run in
            let folder = try TemporaryFolder()
            try await produce(run, folder)
            let process = try await run.run("verify", "--run", "r", "--group", "g", "--expect", "300")
            #expect(process.summary["lost"] == "0")
        }
    }

    @Test func `records are followed through a connector to the functions`() async throws {
        try await LoadRun.with { run in
            let verify = try await run.start([
                "verify", "--run", "r", "--expect", "300", "--gateway-listen", "127.0.0.1:0", "--functions",
                "one,two=load", "--settle", "60s",
            ])
            let url = try await verify.line(after: "ready url=")
            let connector = try await ChildProcess(
                "kafka-connector",
                environment: [
                    "broker_hosts": run.broker.bootstrapServers, "gateway_url": url, "topics": LoadRun.topic,
                ])
            try await run.run("--messages", "300", "--run", "r", "--rate", "600")
            #expect(try await verify.waitForExit() == 0, "\(verify.standardOutput)\(verify.standardError)")
            for name in ["one", "two"] {
                let row = try #require(verify.summary["function \(name)"])
                #expect(row.hasPrefix("300 calls of 300 records, 0 repeated, 0 lost; end to end"), "\(row)")
            }
            connector.send(SIGTERM)
            _ = try await connector.waitForExit()
        }
    }

    @Test func `a function that is never called lost everything`() async throws {
        try await LoadRun.with { run in
            let folder = try TemporaryFolder()
            try await produce(run, folder)
            let process = try await run.run(
                "verify", "--report", folder.file("r.json"), "--gateway-listen", "127.0.0.1:0", "--functions", "idle",
                "--settle", "100ms", expecting: 1)
            #expect(process.summary["function idle"]?.contains("300 lost") == true)
        }
    }

    @Test func `calls are read from the log of a function that echoes its headers`() async throws {
        try await LoadRun.with { run in
            var configuration = FakeGateway.Configuration()
            configuration.functions = [
                Function("echoes", topic: LoadRun.topic) { request in
                    var reply = FunctionReply("ok")
                    reply.log = request.headers.map { "\($0.name): \($0.value)" }
                    return reply
                }
            ]
            configuration.limits.logLines = 100_000
            configuration.basicAuth = .init(user: "admin", password: "secret")
            let gateway = try await FakeGateway.start(configuration)
            let folder = try TemporaryFolder()
            _ = try folder.write("admin", "basic-auth-user")
            _ = try folder.write("secret\n", "basic-auth-password")
            let connector = try await ChildProcess(
                "kafka-connector",
                environment: [
                    "broker_hosts": run.broker.bootstrapServers, "gateway_url": gateway.url, "topics": LoadRun.topic,
                    "basic_auth": "true", "secret_mount_path": folder.path,
                ])
            try await run.run("--messages", "100", "--run", "r")
            let verify = try await run.run(
                "verify", "--run", "r", "--gateway-url", gateway.url, "--functions", "echoes", "--secret-mount-path",
                folder.path, "--expect", "100", "--settle", "60s")
            #expect(
                verify.summary["function echoes"]?.hasPrefix("100 calls of 100 records, 0 repeated, 0 lost") == true)
            let refused = try await run.run(
                "verify", "--run", "r", "--gateway-url", gateway.url, "--functions", "echoes", expecting: 2)
            #expect(refused.standardError.contains("answered 401"))
            connector.send(SIGTERM)
            _ = try await connector.waitForExit()
            await gateway.shutdown()
        }
    }
}
