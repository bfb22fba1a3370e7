import Connector
import FakeBroker
import FakeGateway
import Foundation
import KafkaConnector
import Synchronization
import TestSupport
import Testing

/// Settings that no other test needs, and what they do over real sockets.
@Suite struct SettingTests {
    private static let echo = Function("echo", topic: "t") { FunctionReply($0.text) }

    @Test func `verify_ssl=false reaches brokers that nobody vouches for`() async throws {
        for isVerified in [false, true] {
            try await ConnectorSystem.run(
                ["tls": "true", "verify_ssl": "\(isVerified)"], functions: [Self.echo],
                broker: { $0.security.listeners = [.init(.ssl)] }
            ) { system in
                try await system.append("a")
                if isVerified {
                    try await eventually("the brokers are not believed") {
                        system.log.text.contains("certificate verify failed")
                    }
                    #expect(system.ledger.account.handled == 0)
                } else {
                    try await system.until("the call") { $0.repliesByStatus[200] == 1 }
                }
            }
        }
    }

    @Test func `topic_delimiter stands between the topics of an annotation`() async throws {
        var function = Self.echo
        function.annotations = ["topic": "u; t"]
        try await ConnectorSystem.run(["topic_delimiter": ";"], functions: [function]) { system in
            try await system.append("a")
            try await system.until("the call") { $0.repliesByStatus[200] == 1 }
        }
    }

    @Test func `retry_codes are those that are called again, and no others`() async throws {
        let statuses = Mutex([418, 418, 200, 503][...])
        let function = Function("f", topic: "t") { _ in
            FunctionReply(status: statuses.withLock { $0.popFirst() } ?? 500)
        }
        try await ConnectorSystem.run(
            ["delivery": "at-least-once", "retry_codes": "418"], functions: [function]
        ) { system in
            try await system.append("a", "b")
            try await system.until("both ends") { $0.handled == 2 }
            #expect(system.ledger.account.repliesByStatus == [418: 2, 200: 1, 503: 1])
        }
    }

    @Test func `metrics_detail=low tells neither partitions nor members apart`() async throws {
        for detail in ["low", "full"] {
            try await ConnectorSystem.run(["metrics_detail": detail], functions: [Self.echo]) { system in
                try await system.append("a")
                try await system.until("the call") { $0.repliesByStatus[200] == 1 }
                #expect(system.service.metricsText.contains("partition=\"0\"") == (detail == "full"))
            }
        }
    }

    @Test func `records above max_bytes come all the same, and none is lost`() async throws {
        try await ConnectorSystem.run(["max_bytes": "1000"], functions: [Self.echo]) { system in
            for letter in ["a", "b", "c"] { try await system.append(String(repeating: letter, count: 50_000)) }
            try await system.until("all calls") { $0.repliesByStatus[200] == 3 }
        }
    }

    @Test func `print_sync tells of each listing, and log_sessions=false nothing of the group`() async throws {
        var configuration = FakeGateway.Configuration()
        configuration.functions = [Self.echo]
        let gateway = try await FakeGateway.start(configuration)
        try await withFakeBroker({ $0.topics = [.init("t")] }) { broker in
            for isOn in [false, true] {
                let connector = try await ChildProcess(
                    "kafka-connector",
                    [
                        "--broker-hosts", broker.bootstrapServers, "--gateway-url", gateway.url, "--topics", "t",
                        "--rebuild-interval", "20ms", "--print-sync", "\(isOn)", "--log-sessions", "\(isOn)",
                    ])
                try await broker.append([.init("a")], to: "t")
                try await eventually("the call") { connector.standardError.contains("Response [200] from echo") }
                if isOn {
                    try await eventually("a listing") { connector.standardError.contains("Syncing topic map: unch") }
                } else {
                    #expect(!connector.standardError.contains("Syncing topic map: unchanged"))
                }
                #expect(connector.standardError.contains("Rebalanced") == isOn)
                connector.send(SIGTERM)
                #expect(try await connector.waitForExit() == 0)
            }
        }
        await gateway.shutdown()
    }
}
