import FakeBroker
import Foundation
import TestSupport
import Testing

/// What the records are, as the broker has them.
@Suite struct LoadRecordTests {
    private static let program = URL(filePath: CommandLine.arguments[0]).resolvingSymlinksInPath()
        .deletingLastPathComponent().appending(path: "load-producer").path()

    @Test func `keys, headers, tombstones, partition and timestamps are those asked for`() async throws {
        try await LoadRun.with { run in
            try await run.run(
                "--messages", "200", "--keys", "sequential:5", "--headers", "a=1,b=x=y", "--tombstones", "0.3",
                "--partitioner", "2", "--timestamps", "1000:10", "--verification", "false")
            let records = try await run.records()
            #expect(records.map(\.count) == [0, 0, 200])
            let first = records[2][0]
            #expect(first.key == Array("key-0".utf8))
            #expect(first.headers == [.init("a", Array("1".utf8)), .init("b", Array("x=y".utf8))])
            #expect(records[2].map(\.timestamp) == (0..<200).map { 1_000 + 10 * $0 })
            #expect((30...90).contains(records[2].count { $0.value == nil }))
        }
    }

    @Test func `the same seed sends the same records`() async throws {
        func values(_ seed: String) async throws -> [[UInt8]?] {
            var values: [[UInt8]?] = []
            try await LoadRun.with { run in
                try await run.run(
                    "--messages", "100", "--seed", seed, "--payload", "random", "--size", "lognormal:80:0.5", "--keys",
                    "zipf:1.1:50", "--partitioner", "0", "--verification", "false", "--tombstones", "0.1")
                values = try await run.records()[0].flatMap { [$0.key, $0.value] }
            }
            return values
        }
        let first = try await values("9")
        #expect(try await values("9") == first)
        #expect(try await values("10") != first)
    }

    @Test func `several topics share the load by weight`() async throws {
        try await LoadRun.with { run in
            try await run.run("--topic", "a:3,b", "--messages", "1000", "--partitions", "2")
            let left = try await run.broker.endOffsets(topic: "a")
            let right = try await run.broker.endOffsets(topic: "b")
            #expect(left.count == 2 && right.count == 2)
            #expect((680...820).contains(left.reduce(0, +)))
            #expect((left + right).reduce(0, +) == 1_000)
        }
    }

    @Test func `records go round the partitions`() async throws {
        try await LoadRun.with { run in
            try await run.run("--messages", "99", "--partitioner", "round-robin")
            #expect(try await run.broker.endOffsets(topic: LoadRun.topic) == [33, 33, 33])
        }
    }

    @Test func `lines of a file are values and keys, a template is filled`() async throws {
        try await LoadRun.with { run in
            let folder = try TemporaryFolder()
            let lines = try folder.write("one\r\ntwo\nthree\n", "lines")
            try await run.run(
                "--messages", "4", "--payload", "lines", "--lines-file", lines, "--keys", "file:\(lines)",
                "--partitioner", "0")
            let records = try await run.records()[0]
            #expect(records.map(\.text) == ["one", "two", "three", "one"])
            #expect(
                records.allSatisfy { ["one", "two", "three"].contains(String(decoding: $0.key ?? [], as: UTF8.self)) })
            try await run.run(
                "--messages", "2", "--payload", "template", "--template",
                "{\"n\": {{sequence}}, \"c\": \"{{choice:x}}\"}",
                "--partitioner", "1")
            #expect(try await run.records()[1].map(\.text) == ["{\"n\": 0, \"c\": \"x\"}", "{\"n\": 1, \"c\": \"x\"}"])
        }
    }

    @Test func `lines of standard input are values`() async throws {
        try await LoadRun.with { run in
            let output = try await Command.run(
                [
                    Self.program, "--brokers", run.broker.bootstrapServers, "--topic", LoadRun.topic, "--payload",
                    "lines",
                    "--lines-file", "-", "--messages", "2", "--partitioner", "0",
                ], input: Data("first\nsecond\n".utf8))
            #expect(output.status == 0, "\(output.errors)")
            #expect(try await run.records()[0].map(\.text) == ["first", "second"])
        }
    }

    @Test func `lines of standard input go out as they come, and its end is the run's`() async throws {
        try await LoadRun.with { run in
            let folder = try TemporaryFolder()
            // A pipe that stays open until this test closes it.
            let pipe = folder.file("pipe")
            try #require(unsafe mkfifo(pipe, 0o600) == 0)
            async let output = Command.run([
                "/bin/sh", "-c", "exec \"$0\" \"$@\" < '\(pipe)'", Self.program, "--brokers",
                run.broker.bootstrapServers, "--topic", LoadRun.topic, "--payload", "lines", "--lines-file", "-",
                "--partitioner", "0",
            ])
            let writer = try FileHandle(forUpdating: URL(filePath: pipe))
            // More than the default of `messages`, and not more than the pipe holds, or this would wait.
            let many = (0..<3_000).map { "line \($0)" }
            try writer.write(contentsOf: Data(many.map { "\($0)\n" }.joined().utf8))
            try await eventually("what was written so far") {
                try await run.broker.endOffsets(topic: LoadRun.topic)[0] == many.count
            }
            try writer.write(contentsOf: Data("last".utf8))
            try writer.close()
            #expect(try await output.status == 0)
            let last = try await run.broker.records(topic: LoadRun.topic, partition: 0).map(\.text)
            #expect(last == many + ["last"])
        }
    }

    @Test func `lines that cannot be sent are told in one line`() async throws {
        try await LoadRun.with { run in
            let folder = try TemporaryFolder()
            let long = try folder.write("short\n" + String(repeating: "x", count: 1_100_000) + "\n", "long")
            let process = try await run.run("--payload", "lines", "--lines-file", long, expecting: 2)
            #expect(process.standardError.contains("lines_file: line 2 of \(long) is longer than 1010000 bytes"))
            for path in [folder.path, folder.file("absent"), try folder.write("", "empty")] {
                let process = try await run.run("--payload", "lines", "--lines-file", path, expecting: 2)
                #expect(process.standardError.hasPrefix("load-producer: --lines-file="), "\(process.standardError)")
                #expect(process.standardError.split(separator: "\n").count == 1)
            }
            let output = try await Command.run(
                [
                    Self.program, "--brokers", run.broker.bootstrapServers, "--topic", LoadRun.topic, "--payload",
                    "lines", "--lines-file", "-",
                ], input: Data())
            #expect(output.status == 2)
            #expect(output.errors.contains("lines_file: standard input: a file with at least one line is accepted"))
        }
    }

    @Test(arguments: ["gzip", "snappy", "lz4", "zstd"])
    func `any compression arrives`(compression: String) async throws {
        try await LoadRun.with { run in
            try await run.run(
                "--messages", "300", "--compression", compression, "--linger", "20ms", "--batch-size", "20000",
                "--idempotence", "--acks", "all", "--run", "c")
            try await run.run("verify", "--run", "c", "--expect", "300")
        }
    }

    @Test(arguments: ["0", "1", "all"])
    func `any acknowledgement is taken`(acks: String) async throws {
        try await LoadRun.with { run in
            let process = try await run.run("--messages", "50", "--acks", acks)
            #expect(process.summary["acknowledged"] == "50")
            try await eventually("all are there") {
                try await run.broker.endOffsets(topic: LoadRun.topic).reduce(0, +) == 50
            }
        }
    }

    @Test func `topics are created with their partitions, and those that are there stay`() async throws {
        try await LoadRun.with({ $0.autoCreateTopics = false }) { run in
            try await run.run(
                "--topic", "load,fresh", "--messages", "10", "--partitions", "7", "--replication-factor", "1")
            #expect(try await run.broker.endOffsets(topic: "fresh").count == 7)
            #expect(try await run.broker.endOffsets(topic: "load").count == 3)
        }
    }

    @Test func `settings come from the environment too`() async throws {
        try await LoadRun.with { run in
            let process = try await run.run(
                environment: ["messages": "7", "keys": "sequential", "kafka.client.id": "by-environment"])
            #expect(process.summary["acknowledged"] == "7")
            #expect(try await run.broker.journal().contains { $0.clientID == "by-environment" })
        }
    }

    @Test(arguments: [FakeBroker.SASLMechanism.plain, .scramSHA256, .scramSHA512])
    func `it logs in over TLS`(mechanism: FakeBroker.SASLMechanism) async throws {
        try await LoadRun.with { configuration in
            configuration.security.listeners = [.init(.saslSSL)]
            configuration.security.users = [.init("alice", password: "wonder land")]
        } _: { run in
            let folder = try TemporaryFolder()
            let authority = try #require(run.broker.certificateAuthority?.certificatePEM)
            let flags = [
                "--tls", "--ca-file", try folder.write(authority, "ca.pem"), "--sasl-mechanism",
                mechanism.rawValue.lowercased(), "--username-file", try folder.write("alice\n", "user"),
                "--password-file", try folder.write("wonder land\n", "password"),
            ]
            let process = try await run.start(flags + ["--messages", "20"])
            #expect(try await process.waitForExit() == 0, "\(process.standardError)")
            let verify = try await run.start(["verify"] + flags + ["--expect", "20"])
            #expect(try await verify.waitForExit() == 0, "\(verify.standardOutput)\(verify.standardError)")
        }
    }

    @Test func `it logs in with a token, and a wrong one is told as such`() async throws {
        let issuer = try TokenIssuer()
        try await LoadRun.with { configuration in
            configuration.security.listeners = [.init(.saslPlaintext)]
            configuration.security.oauth.tokens = .signed([issuer.key])
        } _: { run in
            let folder = try TemporaryFolder()
            let token = try folder.write(try issuer.token(subject: "loader", lifetime: .seconds(3600)), "token")
            let flags = ["--sasl-mechanism", "oauthbearer", "--token-file", token]
            let process = try await run.start(flags + ["--messages", "20", "--run", "o"])
            #expect(try await process.waitForExit() == 0, "\(process.standardError)")
            let verify = try await run.start(["verify"] + flags + ["--run", "o", "--expect", "20"])
            #expect(try await verify.waitForExit() == 0, "\(verify.standardOutput)\(verify.standardError)")
            _ = try folder.write(try TokenIssuer().token(subject: "loader", lifetime: .seconds(3600)), "token")
            let stranger = try await run.start(flags + ["--messages", "1"])
            #expect(try await stranger.waitForExit() == 2)
            #expect(stranger.standardError.hasPrefix("load-producer: "), "\(stranger.standardError)")
            #expect(stranger.standardError.split(separator: "\n").count == 1, "\(stranger.standardError)")
        }
    }

    @Test func `it shows the brokers its certificate`() async throws {
        try await LoadRun.with { configuration in
            configuration.security.listeners = [.init(.ssl, clientCertificates: .required)]
        } _: { run in
            let folder = try TemporaryFolder()
            let authority = try #require(run.broker.certificateAuthority)
            let own = try authority.clientIdentity("loader")
            let trust = ["--tls", "--ca-file", try folder.write(authority.certificatePEM, "ca.pem")]
            let identity = [
                "--cert-file", try folder.write(own.certificatePEM, "own.pem"), "--key-file",
                try folder.write(own.privateKeyPEM, "own.key"),
            ]
            let process = try await run.start(trust + identity + ["--messages", "20", "--run", "m"])
            #expect(try await process.waitForExit() == 0, "\(process.standardError)")
            let verify = try await run.start(["verify"] + trust + identity + ["--run", "m", "--expect", "20"])
            #expect(try await verify.waitForExit() == 0, "\(verify.standardOutput)\(verify.standardError)")
            // Without one it is turned away, and says so in one line.
            let stranger = try await run.start(trust + ["--messages", "1"])
            #expect(try await stranger.waitForExit() == 2)
            #expect(stranger.standardError.hasPrefix("load-producer: "), "\(stranger.standardError)")
            #expect(stranger.standardError.split(separator: "\n").count == 1, "\(stranger.standardError)")
        }
    }
}
