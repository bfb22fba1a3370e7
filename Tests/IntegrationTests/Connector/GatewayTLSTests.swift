import TestSupport
import FakeBroker
import FakeGateway
import Foundation
import Testing

/// The connector as a process of its own, and a gateway that speaks TLS with a certificate of its own making.
@Suite struct GatewayTLSTests {
    @Test func `the gateway is called if its authority is trusted, and not otherwise`() async throws {
        try await SelfSignedCertificate.with { files in
            var echo = BuiltIn.echo.function()
            echo.annotations = ["topic": "t"]
            var configuration = FakeGateway.Configuration()
            configuration.functions = [echo]
            let texts = try files.texts()
            configuration.tls = .init(certificateChain: texts.certificate, privateKey: texts.key)
            let gateway = try await FakeGateway.start(configuration)
            try await withFakeBroker({ $0.topics = [.init("t")] }) { broker in
                try await broker.append([.init("Hi!")], to: "t")
                let arguments = [
                    "--broker-hosts", broker.bootstrapServers, "--gateway-url", gateway.url, "--topics", "t",
                    "--rebuild-interval", "200ms",
                ]
                let wary = try await ChildProcess("kafka-connector", arguments)
                try await eventually("a listing fails") {
                    wary.standardError.lowercased().contains("certificate")
                }
                wary.send(SIGKILL)
                #expect(!wary.standardError.contains("Invoke function"))
                let trusting = try await ChildProcess(
                    "kafka-connector", arguments + ["--gateway-ca-file", files.certificate.path()])
                try await eventually("the call") { trusting.standardError.contains("Response [200] from echo") }
                trusting.send(SIGTERM)
                #expect(try await trusting.waitForExit() == 0)
            }
            await gateway.shutdown()
        }
    }

    @Test func `an authority that changes is trusted without a restart, and no event is lost`() async throws {
        try await SelfSignedCertificate.with { old in
            try await SelfSignedCertificate.with { new in
                try await withFakeBroker({ $0.topics = [.init("t")] }) { broker in
                    // What the connector reads, by renaming, as secrets are mounted.
                    let trusted = old.certificate.deletingLastPathComponent().appending(path: "trusted.pem")
                    try Data(contentsOf: old.certificate).write(to: trusted, options: .atomic)
                    let first = try await Self.gateway(old)
                    try await broker.append([.init("1")], to: "t")
                    let connector = try await ChildProcess(
                        "kafka-connector",
                        [
                            "--broker-hosts", broker.bootstrapServers, "--gateway-url", first.url, "--topics", "t",
                            "--rebuild-interval", "100ms", "--gateway-ca-file", trusted.path(), "--reload-interval",
                            "100ms", "--kafka.heartbeat.interval.ms", "100", "--delivery", "at-least-once",
                            "--retry-attempts", "1000", "--retry-min-wait", "10ms", "--retry-max-wait", "100ms",
                        ])
                    try await eventually("the first call") { try await Self.texts(first) == ["1"] }
                    await first.shutdown()
                    let second = try await Self.gateway(new, port: first.port)
                    try await broker.append([.init("2")], to: "t")
                    try await eventually("it is not trusted") {
                        connector.standardError.lowercased().contains("certificate")
                    }
                    #expect(try await Self.texts(second) == [])
                    try Data(contentsOf: new.certificate).write(to: trusted, options: .atomic)
                    try await eventually("the second call") { try await Self.texts(second) == ["2"] }
                    try await broker.append([.init("3")], to: "t")
                    try await eventually("the third call") { try await Self.texts(second) == ["2", "3"] }
                    // The gateway's certificates need no new clients.
                    #expect(connector.standardError.contains("The gateway's certificates have changed"))
                    #expect(!connector.standardError.contains("to begin anew"))
                    connector.send(SIGTERM)
                    #expect(try await connector.waitForExit() == 0, "\(connector.standardError)")
                    await second.shutdown()
                }
            }
        }
    }

    @Test func `a client certificate that changes is shown from then on, once its key fits`() async throws {
        try await SelfSignedCertificate.with { server in
            try await SelfSignedCertificate.with { old in
                try await SelfSignedCertificate.with { new in
                    try await withFakeBroker({ $0.topics = [.init("t")] }) { broker in
                        try await Self.rotate(old, new, at: server, broker)
                    }
                }
            }
        }
    }

    private static func rotate(
        _ old: SelfSignedCertificate, _ new: SelfSignedCertificate, at server: SelfSignedCertificate,
        _ broker: FakeBroker
    ) async throws {
        let folder = server.certificate.deletingLastPathComponent()
        let certificate = folder.appending(path: "own.pem")
        let key = folder.appending(path: "own.key")
        try Data(contentsOf: old.certificate).write(to: certificate, options: .atomic)
        try Data(contentsOf: old.key).write(to: key, options: .atomic)
        let first = try await gateway(server, clients: old)
        try await broker.append([.init("1")], to: "t")
        let connector = try await ChildProcess(
            "kafka-connector",
            [
                "--broker-hosts", broker.bootstrapServers, "--gateway-url", first.url, "--topics", "t",
                "--rebuild-interval", "100ms", "--gateway-ca-file", server.certificate.path(), "--gateway-cert-file",
                certificate.path(), "--gateway-key-file", key.path(), "--reload-interval", "100ms", "--delivery",
                "at-least-once", "--retry-attempts", "1000", "--retry-min-wait", "10ms", "--retry-max-wait", "100ms",
            ])
        try await eventually("the first call") { try await texts(first) == ["1"] }
        await first.shutdown()
        let second = try await gateway(server, clients: new, port: first.port)
        try await broker.append([.init("2")], to: "t")
        try Data(contentsOf: new.certificate).write(to: certificate, options: .atomic)
        try await eventually("the certificate without its key is refused") {
            connector.standardError.contains("cannot be used, and the old ones stay")
        }
        #expect(try await texts(second) == [])
        try Data(contentsOf: new.key).write(to: key, options: .atomic)
        try await eventually("the second call") { try await texts(second) == ["2"] }
        #expect(!connector.standardError.contains("to begin anew"))
        connector.send(SIGTERM)
        #expect(try await connector.waitForExit() == 0, "\(connector.standardError)")
        await second.shutdown()
    }

    /// - Parameter clients: Who must show that they have this certificate.
    private static func gateway(
        _ files: SelfSignedCertificate, clients: SelfSignedCertificate? = nil, port: Int = 0
    ) async throws -> FakeGateway {
        var configuration = FakeGateway.Configuration()
        configuration.functions = [Function("echo", topic: "t") { FunctionReply($0.text) }]
        configuration.port = port
        let texts = try files.texts()
        configuration.tls = .init(
            certificateChain: texts.certificate, privateKey: texts.key,
            clientAuthorities: try clients?.texts().certificate)
        return try await FakeGateway.start(configuration)
    }

    private static func texts(_ gateway: FakeGateway) async throws -> [String] {
        try await gateway.calls(of: "echo.openfaas-fn").map(\.text)
    }
}
