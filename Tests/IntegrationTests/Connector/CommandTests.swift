import FakeBroker
import FakeGateway
import Foundation
import TestSupport
import Testing

/// The connector's commands, its log and its end, as a process of its own.
@Suite struct CommandTests {
    private func withSystem(
        _ functions: [Function], topics: [FakeBroker.Configuration.Topic] = [.init("t")],
        _ body: (FakeBroker, FakeGateway, _ environment: [String: String]) async throws -> Void
    ) async throws {
        var configuration = FakeGateway.Configuration()
        configuration.functions = functions
        let gateway = try await FakeGateway.start(configuration)
        try await withFakeBroker({ $0.topics = topics }) { broker in
            try await body(
                broker, gateway,
                ["broker_hosts": broker.bootstrapServers, "gateway_url": gateway.url, "topics": "t", "group": "g"])
        }
        await gateway.shutdown()
    }

    private static let echo = Function("echo", topic: "t") { FunctionReply($0.text) }
    /// Never answers while the test lasts.
    private static let stuck = Function(
        "stuck", topic: "t",
        asynchronously: { _ in
            try await ContinuousClock().sleep(for: .seconds(600))
            return FunctionReply()
        })

    // MARK: explain

    @Test func `explain says why a function is bound or not, and its status says so too`() async throws {
        try await withSystem([Self.echo, Function("other", topic: "u") { _ in FunctionReply() }]) { _, _, environment in
            func explain(_ function: String) async throws -> (status: Int32, text: String) {
                let process = try await ChildProcess(
                    "kafka-connector", ["explain", "--function", function, "--topic=t"], environment: environment)
                return (try await process.waitForExit(), process.standardOutput)
            }
            let bound = try await explain("echo")
            #expect(bound.status == 0)
            #expect(bound.text.hasPrefix("echo is bound to t\n"))
            let unbound = try await explain("other.openfaas-fn")
            #expect(unbound.status == 3)
            #expect(unbound.text.contains("NO  its annotation topic=\"u\" means u, not t"))
            #expect(try await explain("nobody").text.contains("lists no function nobody in openfaas-fn"))
        }
    }

    @Test func `explain is asked of a connector that runs by HTTP`() async throws {
        try await withSystem([Self.echo]) { _, gateway, environment in
            let connector = try await ChildProcess("kafka-connector", environment: environment)
            let address = try await connector.statusAddress()
            func get(_ path: String) async throws -> String {
                try await Command.run(["curl", "-s", "-w", "%{http_code}", "\(address)\(path)"]).text
            }
            try await eventually("bound, and in force") {
                let text = try await get("/explain?function=echo&topic=t")
                return text.hasPrefix("echo is bound to t\n") && text.hasSuffix("in force for t: echo.openfaas-fn\n200")
            }
            #expect(try await get("/explain?function=e%63ho&topic=nope").contains("nope is not among topics"))
            #expect(try await get("/explain?function=echo").hasSuffix("400"))
            try await gateway.setFaults { _ in .status(500, text: "down") }
            #expect(try await get("/explain?function=echo&topic=t").hasSuffix("502"))
            connector.send(SIGTERM)
            #expect(try await connector.waitForExit() == 0)
        }
    }

    @Test func `many who ask for explanations at once do not take the connections from calls`() async throws {
        try await withSystem([Self.echo]) { _, gateway, environment in
            let connector = try await ChildProcess("kafka-connector", environment: environment)
            let url = "\(try await connector.statusAddress())/explain?function=echo&topic=t"
            try await gateway.setFaults([FaultRule(.delay(.seconds(2)), path: "/system/functions")])
            let ask = "for i in 1 2 3 4 5 6 7 8; do curl -s -o /dev/null -w '%{http_code} ' '\(url)' & done; wait"
            try await eventually("four are answered, others turned away") {
                let codes = try await Command.run(["sh", "-c", ask]).text.split(separator: " ")
                return codes.contains("200") && codes.contains("503")
            }
            try await gateway.setFaults(nil)
            try await eventually("who asks then is answered") {
                try await Command.run(["curl", "-s", url]).text.hasPrefix("echo is bound to t\n")
            }
            connector.send(SIGTERM)
            #expect(try await connector.waitForExit() == 0)
        }
    }

    @Test func `explain wants a function and a topic`() async throws {
        let process = try await ChildProcess(
            "kafka-connector", ["explain", "--function", "f"], environment: ["topics": "t"])
        #expect(try await process.waitForExit() == 2)
        #expect(process.standardError == "kafka-connector: --topic is not set: the name of a topic\n")
    }

    // MARK: dry-run

    private func dryRun(_ arguments: [String], _ environment: [String: String]) async throws -> [Substring] {
        let process = try await ChildProcess("kafka-connector", ["dry-run"] + arguments, environment: environment)
        #expect(try await process.waitForExit() == 0, "\(process.standardError)")
        return process.standardOutput.split(separator: "\n")
    }

    @Test func `a dry run says what would be called, and leaves no trace`() async throws {
        try await withSystem(
            [Self.echo, Function("second", topic: "t") { _ in FunctionReply() }],
            topics: [.init("t", partitions: 2), .init("u")]
        ) { broker, gateway, environment in
            try await broker.append([.init("a", timestamp: 1_000), .init("b", timestamp: 2_000)], to: "t")
            try await broker.append([.init(key: [1], value: nil, timestamp: 2_500)], to: "t")
            try await broker.append([.init("c", timestamp: 3_000)], to: "t", partition: 1)
            try await broker.append([.init("d")], to: "u")
            let functions = "echo.openfaas-fn, second.openfaas-fn"
            let all = try await dryRun([], environment.merging(["topics": "t,u"]) { $1 })
            #expect(
                all.sorted() == [
                    "5 records, 6 calls, 2 skipped [\"no_function: 1\", \"tombstone: 1\"]", "t/0/0 => \(functions)",
                    "t/0/1 => \(functions)", "t/0/2 => skipped: tombstone", "t/1/0 => \(functions)",
                    "u/0/0 => skipped: no_function",
                ])
            #expect(try await dryRun(["--from", "1", "--to=2"], environment).first == "t/0/1 => \(functions)")
            let byTime = try await dryRun(
                ["--from", "1970-01-01T00:00:02Z", "--to", "1970-01-01T00:00:02.600Z"], environment)
            #expect(byTime.prefix(2) == ["t/0/1 => \(functions)", "t/0/2 => skipped: tombstone"])
            #expect(byTime.count == 3)
            #expect(try await dryRun(["--from", "1h"], environment) == ["0 records, 0 calls, 0 skipped []"])
            #expect(try await gateway.calls(of: "echo.openfaas-fn").isEmpty)
            let asked = Set(try await broker.journal().map(\.api))
            #expect(asked.isDisjoint(with: ["JoinGroup", "SyncGroup", "Heartbeat", "OffsetCommit", "LeaveGroup"]))
            #expect(try await broker.groups() == [])
        }
    }

    @Test func `a dry run of all topics finds those of patterns, and goes on without those that are not there`()
        async throws
    {
        let star = Function("star", topic: "or*,missing,x y,letters") { _ in FunctionReply() }
        try await withSystem([Self.echo, star], topics: ["t", "orders", "letters"].map { .init($0) }) {
            broker, _, environment in
            for topic in ["t", "orders", "letters"] { try await broker.append([.init("a")], to: topic) }
            let all = ["topics": "*", "topic_wildcards": "true", "dead_letter_topic": "letters"]
            let lines = try await dryRun([], environment.merging(all) { $1 })
            #expect(
                lines.sorted() == [
                    "2 records, 2 calls, 0 skipped []", "orders/0/0 => star.openfaas-fn", "t/0/0 => echo.openfaas-fn",
                ])
            let missing = environment.merging(["topics": "missing"]) { $1 }
            let process = try await ChildProcess("kafka-connector", ["dry-run"], environment: missing)
            #expect(try await process.waitForExit() == 1)
            #expect(process.standardError.contains("asking for topic missing"), "\(process.standardError)")
        }
    }

    @Test func `a dry run ends if brokers give nothing any more`() async throws {
        try await withSystem([Self.echo], topics: [.init("t")]) { broker, _, environment in
            try await broker.append([.init("a")], to: "t")
            try await broker.intercept { $0.api == "Fetch" ? .delay(.seconds(60)) : .handle }
            let process = try await ChildProcess("kafka-connector", ["dry-run"], environment: environment)
            #expect(try await process.waitForExit() == 1)
            #expect(process.standardError.contains("reading t"), "\(process.standardError)")
        }
    }

    @Test(arguments: ["yesterday", "-1", "2026-13-01T00:00:00Z"])
    func `a bound that is none is told in one line`(bound: String) async throws {
        let process = try await ChildProcess(
            "kafka-connector", ["dry-run", "--from", bound], environment: ["topics": "t"])
        #expect(try await process.waitForExit() == 2)
        #expect(process.standardError.hasPrefix("kafka-connector: --from=\"\(bound)\" is not valid: an offset, a time"))
    }

    @Test(arguments: [
        ("5", "1"), ("10m", "1h"), ("2026-01-02T00:00:00Z", "2026-01-01T00:00:00Z"), ("newest", "oldest"),
    ])
    func `a range that ends before it begins is told`(from: String, to: String) async throws {
        let process = try await ChildProcess(
            "kafka-connector", ["dry-run", "--from", from, "--to", to], environment: ["topics": "t"])
        #expect(try await process.waitForExit() == 2)
        #expect(
            process.standardError
                == "kafka-connector: --to=\"\(to)\" is not valid: a bound no earlier than --from\n")
    }

    // MARK: The log

    @Test func `in JSON every line is an object, bodies come by their switches, secrets never`() async throws {
        try await withSystem([Self.echo]) { broker, _, environment in
            func log(_ more: [String: String]) async throws -> String {
                let connector = try await ChildProcess(
                    "kafka-connector",
                    environment: environment.merging(["log_encoding": "json", "debug": "true"]) { $1 }
                        .merging(more) { $1 })
                let before = try await broker.endOffsets(topic: "t")[0]
                try await broker.append([.init("the body")], to: "t")
                try await eventually("the call") { connector.standardError.contains("Response [200]") }
                connector.send(SIGTERM)
                #expect(try await connector.waitForExit() == 0)
                for line in connector.standardError.split(separator: "\n") {
                    let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
                    #expect(object?["ts"] is String && object?["level"] is String && object?["msg"] is String)
                    guard (object?["msg"] as? String)?.hasPrefix("Response") == true else { continue }
                    #expect(object?["offset"] as? Int64 == before)
                    #expect(object?["call_id"] is String)
                }
                return connector.standardError
            }
            let quiet = try await log(["kafka.sasl.password": "hunter2"])
            #expect(!quiet.contains("the body"))
            #expect(!quiet.contains("hunter2"))
            #expect(try await log(["print_request_body": "true"]).contains("'the body'"))
            #expect(try await log(["print_response_body": "true"]).contains("\\u000athe body"))
        }
    }

    @Test func `in JSON what ends the process is an object, too`() async throws {
        try await withSystem([Self.echo]) { _, gateway, environment in
            let taken = gateway.url.split(separator: ":").last ?? ""
            let settings = ["status_listen": "127.0.0.1:\(taken)"]
            func end(_ encoding: String) async throws -> String {
                let connector = try await ChildProcess(
                    "kafka-connector",
                    environment: environment.merging(settings) { $1 }.merging(["log_encoding": encoding]) { $1 })
                #expect(try await connector.waitForExit() == 1)
                return String(connector.standardError.split(separator: "\n").last ?? "")
            }
            let reason = "cannot listen on 127.0.0.1:\(taken): Address already in use"
            #expect(try await end("text") == "kafka-connector: \(reason)")
            let last = try await end("json")
            let object = try JSONSerialization.jsonObject(with: Data(last.utf8)) as? [String: Any]
            #expect(object?["level"] as? String == "critical")
            #expect((object?["msg"] as? String)?.contains(reason) == true)
        }
    }

    // MARK: The end

    @Test(arguments: [SIGTERM, SIGINT])
    func `a second signal ends the process at once`(signal: Int32) async throws {
        try await withSystem([Self.stuck]) { broker, _, environment in
            let connector = try await ChildProcess("kafka-connector", environment: environment)
            try await broker.append([.init("a")], to: "t")
            try await eventually("the call") { connector.standardError.contains("Invoke function") }
            connector.send(signal)
            try await eventually("the drain") { connector.standardError.contains("Draining") }
            #expect(connector.isRunning)
            connector.send(signal)
            #expect(try await connector.waitForExit() == 128 + signal)
            #expect(!connector.standardError.contains("Stopped"))
        }
    }

    /// As when the terminal is closed that it was started from.
    @Test func `a hangup is a stop`() async throws {
        try await withSystem([Self.echo]) { _, _, environment in
            // Whoever runs the tests may have it ignored.
            let connector = try await ChildProcess(
                "/usr/bin/env", ["--default-signal=HUP", ChildProcess.path(of: "kafka-connector")],
                environment: environment)
            try await eventually("it runs") { connector.standardError.contains("Rebalanced") }
            // A shell sends one as it ends, and the kernel another.
            connector.send(SIGHUP)
            try await eventually("the drain") { connector.standardError.contains("Draining") || !connector.isRunning }
            connector.send(SIGHUP)
            #expect(try await connector.waitForExit() == 0)
            #expect(connector.standardError.contains("Stopped"))
        }
    }

    @Test func `who does not read the log does not keep a second signal from ending it`() async throws {
        try await withSystem([Self.echo]) { _, _, environment in
            let pipe = FileManager.default.temporaryDirectory.appending(path: "log-\(UUID())").path()
            try #require(unsafe mkfifo(pipe, 0o600) == 0)
            defer { try? FileManager.default.removeItem(atPath: pipe) }
            let descriptor = unsafe open(pipe, O_RDWR | O_NONBLOCK)
            try #require(descriptor >= 0)
            defer { close(descriptor) }
            // Full before the first line.
            let filling = [UInt8](repeating: 0, count: 4096)
            while unsafe write(descriptor, filling, filling.count) > 0 {}
            let connector = try await ChildProcess(
                "/bin/sh", ["-c", "exec \"$0\" 2> '\(pipe)'", ChildProcess.path(of: "kafka-connector")],
                environment: environment)
            try await eventually("the end", every: .milliseconds(200)) {
                connector.send(SIGTERM)
                return !connector.isRunning
            }
            #expect(try await connector.waitForExit() == 128 + SIGTERM)
        }
    }

    @Test(arguments: [["--version"], ["--help"], ["--print-config", "--topics", "a"]])
    func `what could not be written is told by the exit status`(arguments: [String]) async throws {
        let script = "exec \"$0\" \"$@\" > /dev/full"
        let process = try await ChildProcess(
            "/bin/sh", ["-c", script, ChildProcess.path(of: "kafka-connector")] + arguments)
        #expect(try await process.waitForExit() == 1)
        #expect(process.standardError.hasPrefix("kafka-connector: standard output takes nothing: "))
    }

    @Test func `a dry run says why no broker answers`() async throws {
        try await withSystem([Self.echo]) { _, _, environment in
            let process = try await ChildProcess(
                "kafka-connector", ["dry-run"],
                environment: environment.merging(["broker_hosts": "127.0.0.1:1", "broker_host": ""]) { $1 })
            #expect(try await process.waitForExit() == 1)
            #expect(process.standardError.contains("Connection refused"), "\(process.standardError)")
        }
    }

    @Test func `a drain ends at its deadline, and what is left is counted`() async throws {
        try await withSystem([Self.stuck]) { broker, _, environment in
            let connector = try await ChildProcess(
                "kafka-connector", environment: environment.merging(["drain_timeout": "300ms"]) { $1 })
            try await broker.append([.init("a"), .init("b")], to: "t")
            try await eventually("the call") { connector.standardError.contains("Invoke function") }
            let start = ContinuousClock.now
            connector.send(SIGTERM)
            #expect(try await connector.waitForExit() == 0)
            #expect(ContinuousClock.now - start < .seconds(20))
            #expect(connector.standardError.contains("Gave up stuck.openfaas-fn with t/0/0: shutdown"))
            #expect(connector.standardError.contains("Dropped t/0/1: shutdown"))
        }
    }
}
