import FakeGateway
import Foundation
import HTTP
import SNSTesting
import Synchronization
import TestSupport
import Testing

/// sns-connector as a process of its own.
@Suite struct ProgramTests {
    @Test func `a subscription is confirmed, a message calls the function once, and its pages tell`() async throws {
        try await Station.with { station in
            let connector = try await station.connector()
            let sender = try SNSSender(port: try await connector.endpoint(), on: station.loop)
            let confirmation = try station.authority.sign(SNSFixture.confirmation("SubscriptionConfirmation", id: "c"))
            let url = try #require(confirmation["SubscribeURL"]).replacing("https://", with: "")
            let target = String(url.drop { $0 != "/" })
            station.service.answer(target, HTTPServerReply(status: 200))
            #expect(try await sender.post(message: confirmation) == 200)
            #expect(
                station.service.visited == [
                    "sns.eu-west-1.amazonaws.com/SimpleNotificationService-0a1b2c.pem", url,
                ])

            let message = try station.authority.sign(SNSFixture.notification("Hi!", id: "m-1", subject: "Greeting"))
            #expect(try await sender.post(message: message) == 200)
            #expect(try await sender.post(message: message) == 200)
            try await eventually("the call") { station.calls.all.count == 1 }
            let call = try #require(station.calls.all.first)
            #expect(call.text == "Hi!")
            #expect(call.header("X-Topic") == SNSFixture.topic)
            #expect(call.header("X-Sns-Message-Id") == "m-1")
            #expect(call.header("X-Sns-Subject") == "Greeting")
            let forged = message.merging(["Message": "Ho!"]) { $1 }
            #expect(try await sender.post(message: forged) == 403)
            #expect(station.calls.all.count == 1)

            #expect(try await connector.status("/readyz").status == 200)
            #expect(try await connector.status("/healthz").status == 200)
            let metrics = try await connector.status("/metrics").text
            for line in [
                "connector_source_connected 1", "sns_requests_total 4", "sns_duplicates_total 1",
                "sns_refused_total{reason=\"forged\"} 1", "sns_confirmed_total 1",
                "sns_fetches_total{kind=\"certificate\"} 1", "sns_fetches_total{kind=\"confirmation\"} 1",
                "connector_events_received_total{topic=\"\(SNSFixture.topic)\",partition=\"0\"} 1",
            ] {
                #expect(metrics.contains("\n\(line)\n"), "\(line)")
            }
            #expect(!metrics.contains("kafka_connector_"))
            let explanation = try await connector.status("/explain?function=figlet&topic=\(SNSFixture.topic)")
            #expect(explanation.text.contains("in force for \(SNSFixture.topic): figlet"))
            await sender.client.shutDown()
            connector.send(SIGTERM)
            #expect(try await connector.waitForExit() == 0, "\(connector.standardError)")
        }
    }

    @Test func `the end of one subscription leaves the endpoint ready for the others`() async throws {
        try await Station.with { station in
            let connector = try await station.connector()
            let sender = try SNSSender(port: try await connector.endpoint(), on: station.loop)
            let end = try station.authority.sign(SNSFixture.confirmation("UnsubscribeConfirmation", id: "c"))
            #expect(try await sender.post(message: end) == 200)
            #expect(try await connector.status("/readyz").status == 200)
            #expect(connector.standardError.contains("SNS has ended the subscription to \(SNSFixture.topic)"))
            await sender.client.shutDown()
        }
    }

    @Test func `without a listing of the functions it is alive and not ready, and takes no message`() async throws {
        try await Station.with { station in
            let connector = try await station.connector(["gateway_url": "http://127.0.0.1:1"])
            let (status, text) = try await connector.status("/readyz")
            #expect(status == 503)
            #expect(text == "the functions have not been listed yet\n")
            #expect(try await connector.status("/healthz").status == 200)
            connector.send(SIGTERM)
            #expect(try await connector.waitForExit() == 0, "\(connector.standardError)")
        }
    }

    @Test func `SIGTERM lets the message in hand be answered by its outcome, and takes no other`() async throws {
        let gate = Mutex(false)
        try await Station.with(function: {
            try await eventually("the function may go on") { gate.withLock { $0 } }
        }) { station in
            let connector = try await station.connector(["delivery": "at-least-once"])
            let port = try await connector.endpoint()
            let sender = try SNSSender(port: port, on: station.loop)
            let first = try station.authority.sign(SNSFixture.notification("m", id: "m-1"))
            async let answer = sender.post(message: first)
            try await eventually("the call") { station.calls.all.count == 1 }
            connector.send(SIGTERM)
            try await eventually("it drains") { connector.standardError.contains("Draining") }
            let second = try station.authority.sign(SNSFixture.notification("m", id: "m-2"))
            #expect(try await sender.post(message: second) == 503)
            gate.withLock { $0 = true }
            #expect(try await answer == 200)
            #expect(try await connector.waitForExit() == 0, "\(connector.standardError)")
            #expect(station.calls.all.count == 1)
            await sender.client.shutDown()
        }
    }

    @Test func `by HTTPS, behind a secret path and a user, raw messages come as they are`() async throws {
        try await SelfSignedCertificate.with { certificate in
            try await Station.with { station in
                let path = "/callback/5d1f0c2e9a7b4d63"
                let connector = try await station.connector([
                    "cert_file": certificate.certificate.path(), "key_file": certificate.key.path(),
                    "path_file": try station.file("path", "\(path)\n"),
                    "username_file": try station.file("user", "sns\n"),
                    "password_file": try station.file("password", "s3cret\n"), "raw_delivery": "true",
                ])
                let tls = HTTPClientTLS(authorities: .file(certificate.certificate.path()))
                let port = try await connector.endpoint()
                let sender = try SNSSender(url: "https://127.0.0.1:\(port)", tls: tls, on: station.loop)
                func basic(_ text: String) -> (String, String) {
                    ("Authorization", "Basic \(Data(text.utf8).base64EncodedString())")
                }
                let body: [UInt8] = [0, 0xFF, 0x7F]
                #expect(
                    try await sender.post(raw: body, id: "r", to: path, headers: [basic("sns:s3cret")]) == 200)
                #expect(try await sender.post(raw: body, id: "r2", to: path, headers: [basic("sns:secret")]) == 401)
                #expect(try await sender.post(raw: body, id: "r3", to: path) == 401)
                #expect(try await sender.post(raw: body, id: "r4", headers: [basic("sns:s3cret")]) == 404)
                let signed = try station.authority.sign(SNSFixture.notification("m", id: "m-1"))
                #expect(try await sender.post(message: signed, to: path, headers: [basic("sns:s3cret")]) == 200)
                try await eventually("both calls") { station.calls.all.count == 2 }
                #expect(station.calls.all.contains { $0.body == body })
                await sender.client.shutDown()

                let plain = try SNSSender(port: port, on: station.loop)
                await #expect(throws: (any Error).self, "it speaks TLS only") {
                    try await plain.post(raw: body, id: "r5", to: path, headers: [basic("sns:s3cret")])
                }
                await plain.client.shutDown()
                for secret in ["s3cret", path] { #expect(!connector.standardError.contains(secret)) }
            }
        }
    }

    // MARK: Settings

    @Test(arguments: [
        (["topics": ""], "topics"), (["topics": "orders"], "topics"), (["topics": "*"], "topics"),
        (["topics": "arn:aws:sns:eu-west-1:1:a,arn:aws:sqs:eu-west-1:1:b"], "topics"),
        (["listen": "8080"], "listen"), (["listen": "host:70000"], "listen"), (["path": "callback"], "path"),
        (["path": "/a?b"], "path"), (["path": "/a", "path_file": "/no/such/file"], "path_file"),
        (["path_file": "/no/such/file"], "path_file"), (["cert_file": "/no/such/file"], "key_file"),
        (["key_file": "/no/such/file"], "cert_file"),
        (["cert_file": "/no/such/file", "key_file": "/no/such/file"], "cert_file"),
        (["username_file": "/no/such/file"], "password_file"), (["raw_delivery": "true"], "raw_delivery"),
        (["raw_delivery": "maybe"], "raw_delivery"), (["allowed_hosts": "a b"], "allowed_hosts"),
        (["allowed_hosts": "ftp://a"], "allowed_hosts"), (["signing_trust": "anyone"], "signing_trust"),
        (["signing_ca_file": "/no/such/file"], "signing_ca_file"),
        (["signing_ca_file": "/dev/null"], "signing_ca_file"),
        (["signing_trust": "host", "signing_ca_file": "/etc/passwd"], "signing_ca_file"),
        (["sns_endpoint_url": "moto"], "sns_endpoint_url"), (["sns_endpoint_url": "http://a/b"], "sns_endpoint_url"),
        (["fetch_ca_file": "/no/such/file"], "fetch_ca_file"), (["certificate_fetches": "0"], "certificate_fetches"),
        (["max_age": "soon"], "max_age"), (["clock_skew": "-1s"], "clock_skew"),
        (["remembered_messages": "0"], "remembered_messages"), (["held_messages": "none"], "held_messages"),
        (["reply_timeout": "15s"], "reply_timeout"), (["max_body_bytes": "1"], "max_body_bytes"),
        (["delivery": "exactly-once"], "delivery"), (["status_listen": "8081"], "status_listen"),
    ])
    func `a setting that cannot be used ends it with status 2 and one line that names it`(
        settings: [String: String], name: String
    ) async throws {
        let standard = ["topics": SNSFixture.topic, "listen": "127.0.0.1:0"]
        let process = try await ChildProcess("sns-connector", environment: standard.merging(settings) { $1 })
        #expect(try await process.waitForExit() == 2)
        let lines = process.standardError.split(separator: "\n")
        #expect(lines.count == 1)
        #expect(lines.first?.hasPrefix("sns-connector: \(name)") == true, "\(process.standardError)")
    }

    @Test func `flags win over the environment, that over the file; secrets are masked; help names each`() async throws
    {
        try await Station.with { station in
            let file = try station.file("c.yaml", "max_age: 10m\nheld_messages: 5\nclock_skew: 3m\n")
            let printed = try await ChildProcess(
                "sns-connector",
                ["--config", file, "--max-age=7m", "--print-config", "--path", "/not-to-be-guessed"],
                environment: ["topics": SNSFixture.topic, "max_age": "8m", "held_messages": "6"])
            #expect(try await printed.waitForExit() == 0, "\(printed.standardError)")
            let text = printed.standardOutput
            for line in [
                "max_age: \"7m\"  # flag", "held_messages: \"6\"  # environment", "clock_skew: \"3m\"  # \(file):3",
                "ordering: \"none\"  # default", "path: \"***\"  # flag", "reply_timeout: \"12s\"  # default",
            ] {
                #expect(text.contains("\(line)\n"), "\(line) in \(text)")
            }
            #expect(!text.contains("dead_letter_topic"))

            let help = try await ChildProcess("sns-connector", ["--help"])
            #expect(try await help.waitForExit() == 0)
            for line in text.split(separator: "\n") {
                let name = line.prefix { $0 != ":" }.replacing("_", with: "-")
                #expect(help.standardOutput.contains("  --\(name)\n"))
            }
            let unknown = try await ChildProcess("sns-connector", ["--tpoics", "a"])
            #expect(try await unknown.waitForExit() == 2)
            #expect(unknown.standardError.contains("--tpoics"))
        }
    }

    @Test func `an address that is taken ends it with status 1 and says so`() async throws {
        try await Station.with { station in
            let first = try await station.connector()
            let port = try await first.endpoint()
            let second = try await station.connector(["listen": "127.0.0.1:\(port)"])
            #expect(try await second.waitForExit() == 1)
            #expect(second.standardError.contains("cannot listen on 127.0.0.1:\(port)"))
        }
    }

    @Test func `docs/sns.md has its settings as --help tells them`() async throws {
        let help = try await ChildProcess("sns-connector", ["--help"])
        #expect(try await help.waitForExit() == 0)
        let page = try String(
            contentsOf: URL(filePath: #filePath).deletingLastPathComponent()
                .appending(path: "../../../docs/sns.md"), encoding: .utf8)
        let rows = settingRows(ofHelp: help.standardOutput)
        #expect(rows.count > 5)
        for row in rows { #expect(page.contains("\n\(row)\n"), "missing: \(row)") }
    }
}
