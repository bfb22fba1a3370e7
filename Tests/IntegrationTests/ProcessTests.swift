import TestSupport
import FakeBroker
import FakeGateway
import Foundation
import Testing

/// The executables as processes of their own, as README shows them.
@Suite struct ProcessTests {
    /// Produces one line with kcat, as a user at a terminal would.
    private func kcat(_ line: String, to bootstrap: String, topic: String = "faas-request") async throws {
        let output = try await Command.run(
            ["kcat", "-P", "-b", bootstrap, "-t", topic], input: Data("\(line)\n".utf8))
        #expect(output.status == 0, "\(output.errors)")
    }

    /// What `figlet` makes of the word.
    private let banner = """
        #   # # #
        #   #   #
        ##### # #
        #   # #
        #   # # #
        """

    @Test func `serve answers kcat with figlet's banner in the connector's log`() async throws {
        let sim = try await ChildProcess(
            "connector-sim", ["serve", "--broker", "127.0.0.1:0", "--gateway", "127.0.0.1:0"])
        let bootstrap = try await sim.line(after: "ready bootstrap=").split(separator: " ")[0]
        try await kcat("Hi!", to: String(bootstrap))
        try await eventually("the banner") { sim.standardError.contains(banner) }
        let log = sim.standardError
        #expect(log.contains("Binding to topics: [faas-request]"))
        #expect(log.contains("Syncing topic map: [faas-request => figlet"))
        #expect(log.contains("Rebalanced: [faas-request/0]"))
        #expect(log.contains("[#0] Received on [faas-request,0]: 'Hi!'"))
        #expect(log.contains("Invoke function: figlet"))
        #expect(log.contains("Response [200] from figlet"))
        sim.send(SIGINT)
        #expect(try await sim.waitForExit() == 0)
    }

    @Test func `the connector as a process of its own serves broker and gateway of the simulator`() async throws {
        let broker = try await ChildProcess(
            "connector-sim", ["broker", "--listen", "127.0.0.1:0", "--topic", "faas-request:2"])
        let gateway = try await ChildProcess("connector-sim", ["gateway", "--listen", "127.0.0.1:0"])
        let bootstrap = try await broker.line(after: "ready bootstrap=")
        let url = try await gateway.line(after: "ready url=")
        let connector = try await ChildProcess(
            "kafka-connector",
            environment: [
                "broker_host": bootstrap, "gateway_url": url, "topics": "faas-request,", "print_response": "true",
            ])
        try await kcat("Hi!", to: bootstrap)
        try await eventually("the banner") { connector.standardError.contains(banner) }
        #expect(!connector.standardError.contains("'Hi!'"))
        connector.send(SIGTERM)
        #expect(try await connector.waitForExit() == 0, "\(connector.standardError)")
        #expect(connector.standardError.contains("Draining"))
    }

    @Test func `run accounts for every message and exits with 0`() async throws {
        let sim = try await ChildProcess("connector-sim", ["run", "--messages", "2000", "--partitions", "4"])
        #expect(try await sim.waitForExit() == 0, "\(sim.standardError)")
        let lines = sim.standardOutput.split(separator: "\n").map {
            $0.split(separator: " ", maxSplits: 1).map(String.init)
        }
        let figures = Dictionary(
            lines.filter { $0.count == 2 }.map { ($0[0], $0[1].trimmingCharacters(in: .whitespaces)) }
        ) { $1 }
        #expect(figures["produced"] == "2000")
        #expect(figures["consumed"] == "2000")
        #expect(figures["invoked"] == "2000")
        #expect(figures["dropped"] == "0")
        #expect(figures["ledger"] == "balanced")
        #expect(sim.standardError.contains("produced"))
    }

    /// The example of docs/scenarios.md.
    @Test func `run accounts for every message of a rough day`() async throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "docs/scenarios/rough-day.yaml").path()
        let sim = try await ChildProcess("connector-sim", ["run", "--messages", "2000", "--scenario", file])
        #expect(try await sim.waitForExit() == 0, "\(sim.standardError)")
        let lines = sim.standardOutput.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
        for line in ["produced 2000", "status 503 20", "failed: connectionLost 5", "dropped 5", "ledger balanced"] {
            #expect(lines.contains(line), "\(lines)")
        }
    }

    @Test(arguments: [
        ["run", "--scenario"], ["serve", "--scenario"], ["broker", "--faults"], ["gateway", "--faults"],
    ])
    func `a scenario that is wrong is told in one line`(command: [String]) async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "bad-\(UUID().uuidString).yaml")
        try Data("- act: explode\n  cuont: 1\n".utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let sim = try await ChildProcess("connector-sim", command + [file.path()])
        #expect(try await sim.waitForExit() == 2)
        let lines = sim.standardError.split(separator: "\n")
        #expect(lines.count == 1)
        #expect(lines.first?.hasPrefix("connector-sim: \(file.path()):") == true, "\(lines)")
        #expect(lines.first?.contains(" is not valid: ") == true, "\(lines)")
    }

    @Test func `the load producer's messages arrive`() async throws {
        let broker = try await FakeBroker.start()
        let load = try await ChildProcess(
            "load-producer",
            ["--brokers", broker.bootstrapServers, "--topic", "load", "--messages", "500", "--size", "50"])
        #expect(try await load.waitForExit() == 0, "\(load.standardError)")
        #expect(try await broker.endOffsets(topic: "load").reduce(0, +) == 500)
        await broker.shutdown()
    }

    @Test(arguments: [
        (["topics": "a", "upstream_timeout": "3"], "upstream_timeout=\"3\" is not valid: a duration above zero"),
        ([:], "topics is not set: one topic or more"),
        (["topics": "a", "gateway_url": "ftp://x"], "gateway_url=\"ftp://x\" is not valid"),
        (["topics": "a", "broker_host": "kafka:99999"], "broker_host=\"kafka:99999\" is not valid: a host, host:port"),
        (["topics": "a", "print_response": "2"], "print_response=\"2\" is not valid: true, 1, false or 0"),
    ])
    func `a bad value ends the connector with one line that names it`(
        environment: [String: String], message: String
    ) async throws {
        let connector = try await ChildProcess("kafka-connector", environment: environment)
        #expect(try await connector.waitForExit() == 2)
        let lines = connector.standardError.split(separator: "\n")
        #expect(lines.count == 1)
        #expect(lines.first?.hasPrefix("kafka-connector: \(message)") == true, "\(lines)")
    }

    @Test(arguments: [
        ["broker", "--listen", "nonsense"], ["gateway", "--function", "nope=a"], ["run", "--size", "2000000"],
        ["run", "--ordering", "fifo"],
    ])
    func `a bad argument ends the simulator and says which`(arguments: [String]) async throws {
        let sim = try await ChildProcess("connector-sim", arguments)
        #expect(try await sim.waitForExit() != 0)
        #expect(sim.standardError.contains(arguments[arguments.count - 1].split(separator: "=")[0]))
    }

    @Test func `the connector says how it is, what it counted, and what it was told`() async throws {
        let broker = try await ChildProcess("connector-sim", ["broker", "--listen", "127.0.0.1:0", "--topic", "t:1"])
        let gateway = try await ChildProcess(
            "connector-sim", ["gateway", "--listen", "127.0.0.1:0", "--function", "echo=t"])
        let bootstrap = try await broker.line(after: "ready bootstrap=")
        let connector = try await ChildProcess(
            "kafka-connector",
            ["--broker-host", bootstrap, "--gateway-url", try await gateway.line(after: "ready url="), "--topics=t"])
        let address = try await connector.statusAddress()
        func get(_ path: String) async throws -> Command.Output {
            try await Command.run(["curl", "-s", "-w", "%{http_code}", "\(address)\(path)"])
        }
        #expect(try await get("/healthz").text == "ok\n200")
        try await eventually("ready") { try await get("/readyz").text == "ok\n200" }
        try await kcat("Hi!", to: bootstrap, topic: "t")
        let counted = #"connector_invocations_total{function="echo",namespace="openfaas-fn",topic="t",code="200"} 1"#
        try await eventually("the call is counted") { try await get("/metrics").text.contains(counted) }
        let lines = try await get("/metrics").text.split(separator: "\n")
        let consumed = lines.filter { $0.hasPrefix("kafka_connector_messages_consumed{") }
        #expect(consumed.count == 1)
        for label in [#"group="faas-kafka-queue-workers""#, #"member_id=""#, #"topic="t""#, #"partition="0""#] {
            #expect(consumed.first?.contains(label) == true, "\(label) in \(consumed)")
        }
        #expect(consumed.first?.hasSuffix("} 1") == true)
        #expect(try await get("/other").text.hasSuffix("404"))
        connector.send(SIGTERM)
        #expect(try await connector.waitForExit() == 0)
        let printed = try await ChildProcess("kafka-connector", ["--print-config", "--topics", "t"])
        #expect(try await printed.waitForExit() == 0)
        #expect(printed.standardOutput.contains("topics: \"t\"  # flag\n"))
    }

    @Test func `the connector logs in to Kafka over TLS with a password from a file`() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "connector-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        func file(_ name: String, _ content: String) throws -> String {
            let url = folder.appending(path: name)
            try Data(content.utf8).write(to: url)
            return url.path()
        }
        try await withFakeBroker({
            $0.topics = [.init("t")]
            $0.security.listeners = [.init(.saslSSL)]
            $0.security.users = [.init("alice", password: "secret, ünï")]
        }) { broker in
            let gateway = try await ChildProcess(
                "connector-sim", ["gateway", "--listen", "127.0.0.1:0", "--function", "echo=t"])
            let authority = try #require(broker.certificateAuthority)
            let connector = try await ChildProcess(
                "kafka-connector",
                [
                    "--broker-hosts", try broker.bootstrapServers(listener: "SASL_SSL"), "--topics", "t",
                    "--gateway-url", try await gateway.line(after: "ready url="), "--tls",
                    "--ca-file", try file("ca", authority.certificatePEM), "--sasl-mechanism", "scram-sha-256",
                    "--username-file", try file("user", "alice\n"),
                    "--password-file", try file("password", "secret, ünï\n"),
                ])
            try await broker.append([.init("Hi!")], to: "t")
            try await eventually("the call") { connector.standardError.contains("Response [200] from echo") }
            #expect(!connector.standardError.contains("ünï"))
            connector.send(SIGTERM)
            #expect(try await connector.waitForExit() == 0)
        }
    }
}
