import FakeGateway
import Foundation
import SNSTesting
import TestSupport
import Testing

/// sns-connector with SNS as moto has it: a service that others wrote, with its own signatures.
///
/// `PYTHON` names the interpreter (else `python3` on the path). Without moto a test is cancelled and says what to
/// install; where `CI` is `true`, it fails.
@Suite struct MotoTests {
    private static let topic = "arn:aws:sns:us-east-1:123456789012:orders"
    private static let script = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../moto_sns.py").standardized.path()
    private static let python = ProcessInfo.processInfo.environment["PYTHON"] ?? "python3"

    /// moto's server, and calls of it by boto3.
    private struct Moto {
        let process: ChildProcess
        let port: String

        init() async throws {
            let process = try await ChildProcess("/usr/bin/env", [MotoTests.python, "-B", MotoTests.script, "serve"])
            try await eventually("moto serves or ends") {
                process.standardOutput.contains("ready ") || !process.isRunning
            }
            let isMissing = process.standardError.contains("ModuleNotFoundError")
            if isMissing, ProcessInfo.processInfo.environment["CI"] != "true" {
                try Test.cancel("moto is missing; run setup/test.sh, which installs it: \(process.standardError)")
            }
            self.process = process
            port = try await process.line(after: "ready ")
        }

        /// - Parameter calls: boto3's methods of a client of SNS, each with its arguments, as JSON.
        /// - Returns: The answers, as JSON.
        @discardableResult func call(_ calls: String) async throws -> [[String: Any]] {
            let output = try await Command.run([MotoTests.python, "-B", MotoTests.script, "call", port, calls])
            try #require(output.status == 0, "\(output.errors)\n\(process.standardError.suffix(2000))")
            return try #require(try JSONSerialization.jsonObject(with: output.data) as? [[String: Any]])
        }
    }

    /// moto signs each message by a new certificate that it signed itself, and serves it under the name of SNS's host.
    private func connector(_ station: Station, _ moto: Moto, _ settings: [String: String] = [:]) async throws
        -> ChildProcess
    {
        let own = [
            "topics": "\(Self.topic),\(Self.topic).fifo", "sns_endpoint_url": "http://127.0.0.1:\(moto.port)",
            "signing_ca_file": "", "signing_trust": "host", "certificate_fetches": "100",
        ]
        return try await station.connector(own.merging(settings) { $1 })
    }

    private func subscription(to topic: String = topic, _ port: Int) -> String {
        #"["subscribe", {"TopicArn": "\#(topic)", "Protocol": "http", "Endpoint": "http://127.0.0.1:\#(port)/", "#
            + #""ReturnSubscriptionArn": true}]"#
    }

    @Test func `messages and batches call the function once each; after the end of the subscription none`() async throws
    {
        try await Station.with(topic: "\(Self.topic),\(Self.topic).fifo") { station in
            let moto = try await Moto()
            let connector = try await connector(station, moto, ["delivery": "at-least-once"])
            let port = try await connector.endpoint()
            let answers = try await moto.call(
                """
                [["create_topic", {"Name": "orders"}], \(subscription(port)),
                 ["publish", {"TopicArn": "\(Self.topic)", "Message": "Grüße\\n"}],
                 ["publish", {"TopicArn": "\(Self.topic)", "Message": "with",
                    "MessageAttributes": {"kind": {"DataType": "String", "StringValue": "new"}}}],
                 ["publish_batch", {"TopicArn": "\(Self.topic)", "PublishBatchRequestEntries": [
                    {"Id": "1", "Message": "b1"}, {"Id": "2", "Message": "b2"}, {"Id": "3", "Message": "b3"}]}]]
                """)
            try await eventually("the calls") { station.calls.all.count >= 5 }
            #expect(station.calls.all.map(\.text).sorted() == ["Grüße\n", "b1", "b2", "b3", "with"])
            #expect(station.calls.byMessage[answers[2]["MessageId"] as? String ?? "?"] == 1)
            #expect(station.calls.all.allSatisfy { $0.header("X-Topic") == Self.topic })

            // SNS delivers FIFO topics to queues alone; moto by HTTP too.
            try await moto.call(
                """
                [["create_topic", {"Name": "orders.fifo",
                    "Attributes": {"FifoTopic": "true", "ContentBasedDeduplication": "true"}}],
                 \(subscription(to: "\(Self.topic).fifo", port)),
                 ["publish", {"TopicArn": "\(Self.topic).fifo", "Message": "f1", "MessageGroupId": "g"}]]
                """)
            try await eventually("the call for the FIFO topic") { station.calls.all.count >= 6 }
            #expect(station.calls.all.last?.header("X-Topic") == "\(Self.topic).fifo")

            let arn = try #require(answers[1]["SubscriptionArn"] as? String)
            try await moto.call(
                """
                [["unsubscribe", {"SubscriptionArn": "\(arn)"}],
                 ["publish", {"TopicArn": "\(Self.topic)", "Message": "nobody's"}],
                 ["publish", {"TopicArn": "\(Self.topic).fifo", "Message": "f2", "MessageGroupId": "g"}]]
                """)
            try await eventually("the last call") { station.calls.all.count >= 7 }
            #expect(station.calls.all.map(\.text).suffix(2) == ["f1", "f2"])
            #expect(station.calls.byMessage.allSatisfy { $0.value == 1 })
            let metrics = try await connector.status("/metrics").text
            #expect(metrics.contains("\nsns_fetches_total{kind=\"certificate\"} 7\n"))
            connector.send(SIGTERM)
            #expect(try await connector.waitForExit() == 0, "\(connector.standardError)")
        }
    }

    @Test func `by the defaults moto is not believed, nor are messages whose signature it makes wrongly`() async throws
    {
        try await Station.with(topic: Self.topic) { station in
            let moto = try await Moto()
            let strict = try await connector(station, moto, ["signing_trust": ""])
            let trusting = try await connector(station, moto)
            let ports = (try await strict.endpoint(), try await trusting.endpoint())
            // moto's signature leaves the subject out, which SNS's covers.
            try await moto.call(
                """
                [["create_topic", {"Name": "orders"}], \(subscription(ports.0)),
                 ["publish", {"TopicArn": "\(Self.topic)", "Message": "m"}], \(subscription(ports.1)),
                 ["publish", {"TopicArn": "\(Self.topic)", "Message": "m", "Subject": "s"}]]
                """)
            let (first, second) = (try await strict.status("/metrics").text, try await trusting.status("/metrics").text)
            #expect(first.contains("\nsns_refused_total{reason=\"untrusted-certificate\"} 2\n"))
            #expect(second.contains("\nsns_refused_total{reason=\"forged\"} 1\n"))
            #expect(station.calls.all.isEmpty)
        }
    }
}
