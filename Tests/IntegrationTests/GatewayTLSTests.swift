import TestSupport
import FakeBroker
import FakeGateway
import Foundation
import Testing

/// The connector as a process of its own, and a gateway that speaks TLS with a certificate of its own making.
@Suite struct GatewayTLSTests {
    private func certificate(in folder: URL) async throws -> (certificate: URL, key: URL) {
        let (key, certificate) = (folder.appending(path: "key.pem"), folder.appending(path: "cert.pem"))
        let made = try await Command.run([
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days",
            "1", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key.path(), "-out",
            certificate.path(),
        ])
        try #require(made.status == 0, "\(made.errors)")
        return (certificate, key)
    }

    @Test func `the gateway is called if its authority is trusted, and not otherwise`() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "gateway-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let (certificate, key) = try await certificate(in: folder)
        var echo = BuiltIn.echo.function()
        echo.annotations = ["topic": "t"]
        var configuration = FakeGateway.Configuration()
        configuration.functions = [echo]
        configuration.tls = .init(
            certificateChain: try String(contentsOf: certificate, encoding: .utf8),
            privateKey: try String(contentsOf: key, encoding: .utf8))
        let gateway = try await FakeGateway.start(configuration)
        try await withFakeBroker({ $0.topics = [.init("t")] }) { broker in
            try await broker.append([.init("Hi!")], to: "t")
            let arguments = [
                "--broker-hosts", broker.bootstrapServers, "--gateway-url", gateway.url, "--topics", "t",
                "--rebuild-interval", "200ms",
            ]
            let wary = try await ChildProcess("kafka-connector", arguments)
            try await eventually("a listing fails") { wary.standardError.lowercased().contains("certificate") }
            wary.send(SIGKILL)
            #expect(!wary.standardError.contains("Invoke function"))
            let trusting = try await ChildProcess(
                "kafka-connector", arguments + ["--gateway-ca-file", certificate.path()])
            try await eventually("the call") { trusting.standardError.contains("Response [200] from echo") }
            trusting.send(SIGTERM)
            #expect(try await trusting.waitForExit() == 0)
        }
        await gateway.shutdown()
    }
}
