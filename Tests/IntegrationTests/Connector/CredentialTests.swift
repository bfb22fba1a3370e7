import FakeBroker
import FakeGateway
import Foundation
import Connector
import TestSupport
import Testing

/// Credentials and certificates that change while the connector runs.
@Suite struct CredentialTests {
    /// Files that live as long as the body runs.
    private struct Folder: Sendable {
        let url: URL

        static func with(_ body: (Folder) async throws -> Void) async throws {
            let url = FileManager.default.temporaryDirectory.appending(path: "credentials-\(UUID())")
            try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: url) }
            try await body(Folder(url: url))
        }

        @discardableResult
        func write(_ name: String, _ content: String) throws -> String {
            let file = url.appending(path: name)
            // By renaming, as secrets are mounted: there is no moment with half of it.
            try Data(content.utf8).write(to: file, options: .atomic)
            return file.path()
        }
    }

    private static func takeTokens(of issuer: TokenIssuer, _ configuration: inout FakeBroker.Configuration) {
        configuration.security.listeners = [.init(.saslPlaintext)]
        configuration.security.oauth.tokens = .signed([issuer.key])
    }

    private static let echo = Function("echo", topic: "t") { FunctionReply($0.text) }

    @Test(arguments: ["plain", "scram-sha-512"])
    func `a password that changes is used from the next connection on`(mechanism: String) async throws {
        try await Folder.with { folder in
            try folder.write("password", "old\n")
            let settings = [
                "username_file": try folder.write("user", "alice\n"), "sasl_mechanism": mechanism,
                "password_file": folder.url.appending(path: "password").path(), "reload_interval": "50ms",
                "delivery": "at-least-once", "dead_letter_topic": "dead", "retry_attempts": "1",
            ]
            try await ConnectorSystem.run(
                settings, functions: [Self.echo],
                broker: {
                    $0.topics = [.init("t"), .init("dead")]
                    $0.security.listeners = [.init(.saslPlaintext)]
                    $0.security.users = [.init("alice", password: "old")]
                }
            ) { system in
                try await system.append("a")
                try await system.until("the first call") { $0.repliesByStatus[200] == 1 }
                try await system.broker.setUser(.init("alice", password: "new"))
                try folder.write("password", "new\n")
                try await eventually("the change is seen") {
                    system.log.text.contains("Kafka's credentials have changed")
                }
                _ = try await system.broker.closeConnections()
                try await system.append("b")
                try await system.until("the second call") { $0.repliesByStatus[200] == 2 }
                // The producer of dead letters has them too.
                try await system.gateway.setFaults { $0.function == nil ? nil : .status(500) }
                try await system.append("c")
                try await system.until("a letter") { $0.deadLettered == 1 }
                #expect(!system.log.text.contains("SASL authentication error"))
            }
        }
    }

    @Test func `a token is read from its file, again before it expires, and never shown`() async throws {
        try await Folder.with { folder in
            let issuer = try TokenIssuer()
            let first = try issuer.token(subject: "alice", lifetime: .seconds(60))
            let settings = ["token_file": try folder.write("token", first), "sasl_mechanism": "oauthbearer"]
            try await ConnectorSystem.run(
                settings, functions: [Self.echo], broker: { Self.takeTokens(of: issuer, &$0) }
            ) { system in
                try await system.append("a")
                try await system.until("the first call") { $0.handled == 1 }
                let second = try issuer.token(subject: "alice", lifetime: .seconds(3600))
                try folder.write("token", second)
                let start = ContinuousClock.now
                try await eventually("the first token has expired", within: .seconds(180)) {
                    ContinuousClock.now - start > .seconds(60)
                }
                _ = try await system.broker.closeConnections()
                try await system.append("b")
                try await system.until("the second call") { $0.handled == 2 }
                #expect(!system.log.text.contains(first.suffix(20)))
                #expect(!system.log.text.contains(second.suffix(20)))
            }
        }
    }

    @Test func `certificates that change bring new clients, and no event is lost or repeated`() async throws {
        let configuration = {
            var configuration = FakeGateway.Configuration()
            configuration.functions = [Self.echo]
            return configuration
        }()
        let gateway = try await FakeGateway.start(configuration)
        try await Folder.with { folder in
            try await withFakeBroker({
                $0.topics = [.init("t")]
                $0.security.listeners = [.init(.ssl)]
            }) { broker in
                let authority = try #require(broker.certificateAuthority)
                let connector = try await ChildProcess(
                    "kafka-connector",
                    [
                        "--broker-hosts", broker.bootstrapServers, "--topics", "t", "--gateway-url", gateway.url,
                        "--tls", "--ca-file", try folder.write("ca", authority.certificatePEM),
                        "--reload-interval", "100ms", "--kafka.heartbeat.interval.ms", "100",
                    ])
                for round in 1...3 {
                    try await broker.append([.init("round \(round)")], to: "t")
                    try await eventually("call \(round)") {
                        try await gateway.calls(of: "echo.openfaas-fn").count == round
                    }
                    // One that is not complete yet changes nothing.
                    try folder.write("ca", "")
                    try folder.write("ca", "\(authority.certificatePEM)\n# \(round)\n")
                    try await eventually("it begins anew") {
                        connector.standardError.split(separator: "\n").count { $0.contains("to begin anew") } == round
                    }
                }
                try await broker.append([.init("last")], to: "t")
                try await eventually("the last call") { try await gateway.calls(of: "echo.openfaas-fn").count == 4 }
                connector.send(SIGTERM)
                #expect(try await connector.waitForExit() == 0, "\(connector.standardError)")
            }
        }
        await gateway.shutdown()
    }

    @Test func `a certificate without its key, or beside a wrong setting, changes nothing until all fits`()
        async throws
    {
        var configuration = FakeGateway.Configuration()
        configuration.functions = [Self.echo]
        let gateway = try await FakeGateway.start(configuration)
        try await Folder.with { folder in
            try await withFakeBroker({
                $0.topics = [.init("t")]
                $0.security.listeners = [.init(.ssl, clientCertificates: .required)]
            }) { broker in
                let authority = try #require(broker.certificateAuthority)
                let identities = try ["old", "new"].map { try authority.clientIdentity($0) }
                let connector = try await ChildProcess(
                    "kafka-connector",
                    [
                        "--broker-hosts", broker.bootstrapServers, "--topics", "t", "--gateway-url", gateway.url,
                        "--tls", "--ca-file", try folder.write("ca", authority.certificatePEM),
                        "--cert-file", try folder.write("certificate", identities[0].certificatePEM),
                        "--key-file", try folder.write("key", identities[0].privateKeyPEM),
                        "--reload-interval", "100ms", "--kafka.heartbeat.interval.ms", "100",
                        "--config", try folder.write("config", "log_sessions: true\n"),
                    ])
                func append(_ text: String, count: Int) async throws {
                    try await broker.append([.init(text)], to: "t")
                    try await eventually("call \(count)") {
                        try await gateway.calls(of: "echo.openfaas-fn").count == count
                    }
                }
                try await append("with the old", count: 1)
                try folder.write("certificate", identities[1].certificatePEM)
                try await eventually("it is told") {
                    connector.standardError.contains("cannot be used, and the client stays as it is")
                }
                try await append("still with the old", count: 2)
                #expect(!connector.standardError.contains("to begin anew"))
                func refusals() -> Int { connector.standardError.ranges(of: "log_sessions=\"perhaps\"").count }
                try folder.write("config", "log_sessions: perhaps\n")
                // So that the connector is known to have seen it before the key is there.
                try folder.write("ca", "\(authority.certificatePEM)\n# another\n")
                try await eventually("it is told") { refusals() == 1 }
                try folder.write("key", identities[1].privateKeyPEM)
                try await eventually("it is told again") { refusals() == 2 }
                try await append("and with the old", count: 3)
                #expect(!connector.standardError.contains("to begin anew"))
                try folder.write("config", "log_sessions: false\n")
                try await eventually("it begins anew") { connector.standardError.contains("to begin anew") }
                try await append("with the new", count: 4)
                connector.send(SIGTERM)
                #expect(try await connector.waitForExit() == 0, "\(connector.standardError)")
            }
        }
        await gateway.shutdown()
    }

    @Test func `a dry run logs in with a token`() async throws {
        try await Folder.with { folder in
            let issuer = try TokenIssuer()
            let token = try issuer.token(subject: "alice", lifetime: .seconds(3600))
            let settings = ["token_file": try folder.write("token", token), "sasl_mechanism": "oauthbearer"]
            try await ConnectorSystem.run(
                settings, functions: [Self.echo], broker: { Self.takeTokens(of: issuer, &$0) }
            ) { system in
                try await system.append("a")
                let places = [
                    "broker_hosts": system.broker.bootstrapServers, "gateway_url": system.gateway.url, "topics": "t",
                ]
                let process = try await ChildProcess(
                    "kafka-connector", ["dry-run"], environment: settings.merging(places) { $1 })
                #expect(try await process.waitForExit() == 0, "\(process.standardError)")
                #expect(process.standardOutput.hasPrefix("t/0/0 => echo.openfaas-fn\n"), "\(process.standardOutput)")
            }
        }
    }
}
