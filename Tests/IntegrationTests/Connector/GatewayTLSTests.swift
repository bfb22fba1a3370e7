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
}
