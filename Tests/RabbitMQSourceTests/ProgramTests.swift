import Connector
import FakeGateway
import Foundation
import RabbitMQTesting
import TestSupport
import Testing

/// rabbitmq-connector as a process of its own.
@Suite struct ProgramTests {
    private static let nobody = "amqp://127.0.0.1:1"

    @Test func `it is ready once its queue is consumed, counts what it does, and ends by SIGTERM`() async throws {
        let process = try await RabbitMQProcess.running()
        var functions = FakeGateway.Configuration()
        functions.functions = [BuiltIn.figlet.function(topic: "faas-request")]
        let gateway = try await FakeGateway.start(functions)
        let connector = try await ChildProcess(
            "rabbitmq-connector", ["--topics", "faas-request", "--rebuild-interval=100ms"],
            environment: [
                "broker_url": "amqp://guest:guest@127.0.0.1:\(process.port)", "gateway_url": gateway.url,
                "topics": "another",
            ])
        try await eventually("it is ready") { try await connector.status("/readyz").status == 200 }
        try await process.publish(0..<3, to: "faas-request")
        try await eventually("three calls are counted") {
            try await connector.status("/metrics").text
                .contains("connector_events_received_total{topic=\"faas-request\",partition=\"0\"} 3\n")
        }
        try await eventually("three calls") { try await gateway.calls(of: "figlet.openfaas-fn").count == 3 }
        let metrics = try await connector.status("/metrics").text
        #expect(metrics.contains("\nconnector_source_connected 1\n"))
        #expect(!metrics.contains("kafka_connector_"))

        try process.kill()
        try await eventually("it is not ready without a server") {
            let (code, text) = try await connector.status("/readyz")
            return code == 503 && text == "RabbitMQ is not reached\n"
        }
        #expect(try await connector.status("/healthz").status == 200)
        connector.send(SIGTERM)
        #expect(try await connector.waitForExit() == 0, "\(connector.standardError)")
        await gateway.shutdown()
    }

    @Test(arguments: [
        (["topics": ""], "topics"), (["broker_url": "http://rabbitmq"], "broker_url"),
        (["broker_url": "amqp://u:hunter2@host/a/b"], "broker_url"), (["heartbeat": "1ms"], "heartbeat"),
        (["queue_type": "stream"], "queue_type"), (["ca_file": "/no/such/file"], "ca_file"),
        (["broker_url": "amqps://host", "cert_file": "/no/such/file"], "key_file"),
        (["password_file": "/no/such/file"], "password_file"), (["max_in_flight": "none"], "max_in_flight"),
    ])
    func `a setting that cannot be used ends it with status 2 and one line that names it`(
        settings: [String: String], name: String
    ) async throws {
        let standard = ["topics": "q", "broker_url": Self.nobody]
        let process = try await ChildProcess("rabbitmq-connector", environment: standard.merging(settings) { $1 })
        #expect(try await process.waitForExit() == 2)
        let lines = process.standardError.split(separator: "\n")
        #expect(lines.count == 1)
        #expect(lines.first?.hasPrefix("rabbitmq-connector: \(name)") == true, "\(process.standardError)")
        #expect(!process.standardError.contains("hunter2"))
    }

    @Test func `its settings are flags and keys of a file, and a URL with a password is not shown`() async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "rabbitmq-\(UUID()).yaml")
        try "heartbeat: 5s\nqueue_type: classic\n".write(to: file, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(at: file) }
        let printed = try await ChildProcess(
            "rabbitmq-connector", ["--print-config", "--config", file.path(), "--queue-type=quorum"],
            environment: ["topics": "q", "broker_url": "amqp://u:hunter2@host"])
        #expect(try await printed.waitForExit() == 0, "\(printed.standardError)")
        for line in [
            "topics: \"q\"  # environment", "queue_type: \"quorum\"  # flag", "heartbeat: \"5s\"  # \(file.path()):1",
            "broker_url: \"***\"  # environment", "ordering: \"partition\"  # default",
        ] {
            #expect(printed.standardOutput.contains("\(line)\n"), "\(line) in \(printed.standardOutput)")
        }
        let help = try await ChildProcess("rabbitmq-connector", ["--help"])
        #expect(try await help.waitForExit() == 0)
        for name in ["broker-url", "queue-type", "upstream-timeout", "status-listen"] {
            #expect(help.standardOutput.contains("  --\(name)\n"))
        }
    }

    @Test func `docs/rabbitmq.md has its settings as --help tells them`() async throws {
        let help = try await ChildProcess("rabbitmq-connector", ["--help"])
        #expect(try await help.waitForExit() == 0)
        let page = try String(
            contentsOf: URL(filePath: #filePath).deletingLastPathComponent()
                .appending(path: "../../docs/rabbitmq.md"), encoding: .utf8)
        let rows = settingRows(ofHelp: help.standardOutput)
        #expect(rows.count > 5)
        for row in rows { #expect(page.contains("\n\(row)\n"), "missing: \(row)") }
    }
}
