import Connector
import Foundation
import Kafka
import KafkaConnector
import KafkaSource
import Testing

@Suite struct SettingCatalogTests {
    private static let page = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../docs/configuration.md").standardized

    @Test func `docs/configuration.md says what the code does`() throws {
        if ProcessInfo.processInfo.environment["UPDATE_DOCS"] != nil {
            try SettingCatalog.markdown.write(to: Self.page, atomically: true, encoding: .utf8)
        }
        let text = try String(contentsOf: Self.page, encoding: .utf8)
        #expect(text == SettingCatalog.markdown, "run UPDATE_DOCS=1 setup/test.sh --filter SettingCatalogTests")
    }

    @Test func `docs/metrics.md says what the code does`() throws {
        let page = Self.page.deletingLastPathComponent().appending(path: "metrics.md")
        if ProcessInfo.processInfo.environment["UPDATE_DOCS"] != nil {
            try Metrics.markdown.write(to: page, atomically: true, encoding: .utf8)
        }
        let text = try String(contentsOf: page, encoding: .utf8)
        #expect(text == Metrics.markdown, "run UPDATE_DOCS=1 setup/test.sh --filter SettingCatalogTests")
    }

    @Test func `every default of the list is accepted and is the default`() throws {
        let written = SettingCatalog.all.filter { $0.standard != nil }
            .reduce(into: ["topics": "a"]) { $0[$1.name] = $1.standard }
        let explicit = try KafkaConnectorSettings(Settings(environment: written))
        let implicit = try KafkaConnectorSettings(Settings(environment: ["topics": "a"]))
        #expect("\(explicit.connector)" == "\(implicit.connector)")
        #expect("\(explicit.gateway)" == "\(implicit.gateway)")
        #expect(explicit.kafka.brokers == implicit.kafka.brokers)
        #expect(explicit.kafka.group == implicit.kafka.group)
        #expect(explicit.kafka.initialOffset == implicit.kafka.initialOffset)
        #expect("\(explicit.log)" == "\(implicit.log)")
    }

    @Test(arguments: [
        ("upstream_timeout", "3"), ("rebuild_interval", "soon"), ("topics", ","), ("gateway_url", "gateway:8080"),
        ("broker_host", "kafka:port"), ("print_response", "yes"), ("max_in_flight", "0"), ("initial_offset", "first"),
        ("log_level", "loud"), ("delivery", "exactly-once"), ("retry_codes", "500,abc"), ("retry_codes", "500,204"),
        ("max_bytes", "-1"), ("status_listen", "8081"), ("status_listen", "host:70000"),
        ("ca_file", "/no/such/file"), ("tls", "maybe"),
        ("kafka.session.timeout.ms", "abc"), ("kafka.enable.auto.commit", "maybe"),
        ("kafka.group.id", "other"), ("kafka.bootstrap.servers", "other:9092"), ("kafka.metadata.broker.list", "b:1"),
        ("topics", "a/b"), ("topics", ".."), ("topics", "^a.*"), ("dead_letter_topic", "b/c"),
        ("kafka.enable.auto.offset.store", "true"), ("kafka.transactional.id", "tx"),
        ("kafka.partition.assignment.strategy", "foo"),
    ])
    func `a bad value is named, shown and explained on one line`(name: String, value: String) {
        let error = #expect(throws: SettingError.self) {
            try KafkaConnectorSettings(Settings(environment: ["topics": "a"].merging([name: value]) { $1 }))
        }
        #expect(error?.name == name)
        #expect(error?.description.contains(value) == true || value == ",")
        #expect(error?.description.contains("\n") == false)
    }

    @Test(arguments: ["kafka.sasl.pasword", "kafka.ssl_key", "kafka.no.such.thing"])
    func `what has no such name is not shown, for it may be a secret`(name: String) {
        let error = #expect(throws: SettingError.self) {
            try KafkaConnectorSettings(Settings(environment: ["topics": "a", name: "hunter2"]))
        }
        #expect(error?.name == name)
        #expect(error?.description.contains("hunter2") == false)
        #expect(error?.description.contains("\n") == false)
    }

    @Test(arguments: ["gateway_url: ftp://x", "broker_hosts: h:0", "kafka.session.timeout.ms: 99999999999"])
    func `an error in a file names its line, on one line`(line: String) throws {
        let layer = try SettingsFile.parse("topics: a\n\(line)\n", path: "y.yaml")
        let error = #expect(throws: SettingError.self) { try KafkaConnectorSettings(Settings(layers: [layer])) }
        #expect(error?.description.hasPrefix("y.yaml:2: ") == true)
        #expect(error?.description.contains("\n") == false)
    }

    /// librdkafka tells of these only once a client is made.
    @Test(arguments: [
        (["ca_file": "/dev/null", "tls": "true"], "ca_file"),
        (["kafka.ssl.ca.location": "/dev/null", "kafka.security.protocol": "ssl"], "kafka.ssl.ca.location"),
        (["kafka.session.timeout.ms": "60000", "kafka.max.poll.interval.ms": "10000"], "kafka.max.poll.interval.ms"),
        (["dead_letter_topic": "dead", "kafka.enable.idempotence": "true", "kafka.acks": "1"], "kafka.acks"),
        (["kafka.security.protocol": "sasl_plaintext", "kafka.sasl.mechanism": "FOO"], "Kafka's settings"),
        (["tls": "true", "cert_file": "/dev/null"], "key_file"),
        (["tls": "true", "key_file": "/dev/null"], "cert_file"),
        (["gateway_url": "https://g", "gateway_ca_file": "/dev/null"], "gateway_ca_file"),
        (["gateway_url": "http://g", "gateway_ca_file": "/dev/null"], "gateway_ca_file"),
        (
            ["gateway_url": "https://g", "gateway_cert_file": "/dev/null", "gateway_key_file": "/dev/null"],
            "gateway_cert_file"
        ),
    ])
    func `settings that do not fit together are told at once`(settings: [String: String], name: String) {
        let error = #expect(throws: SettingError.self) {
            try KafkaConnectorSettings(Settings(environment: ["topics": "a"].merging(settings) { $1 }))
        }
        #expect(error?.name == name, "\(error as Any)")
    }

    @Test func `SASL by librdkafka's own settings is plain unless they say otherwise`() throws {
        let settings = try KafkaConnectorSettings(
            Settings(environment: [
                "topics": "a", "kafka.security.protocol": "SASL_PLAINTEXT", "kafka.sasl.username": "u",
                "kafka.sasl.password": "p",
            ]))
        #expect(try settings.kafka.clientConfiguration()["sasl.mechanisms"] == "PLAIN")
    }

    @Test func `a property that holds a secret is told without it`() {
        let environment = ["topics": "a", "kafka.sasl.password": "s3cret\u{0}"]
        let error = #expect(throws: SettingError.self) {
            try KafkaConnectorSettings(Settings(environment: environment))
        }
        #expect(error?.name == "kafka.sasl.password")
        #expect(error?.description.contains("s3cret") == false)
    }

    @Test(arguments: [(" ", " "), ("; ", "; "), ("none", ""), ("", ","), (";", ";")])
    func `the delimiter of annotations may be a blank, or none`(value: String, delimiter: String) throws {
        let settings = try KafkaConnectorSettings(
            Settings(environment: ["topics": "a", "topic_delimiter": value]))
        #expect(settings.connector.annotations.delimiter == delimiter)
    }

    @Test func `the value of a flag wins over the environment, that over the file`() throws {
        let layers: [[String: Settings.Entry]] = [
            ["group": .init("from-flag", .flag)],
            ["group": .init("from-environment", .environment), "max_in_flight": .init("7", .environment)],
            [
                "group": .init("from-file", .file("c.yaml", line: 3)),
                "max_in_flight": .init("9", .file("c.yaml", line: 4)), "topics": .init("a", .file("c.yaml", line: 1)),
                "delivery": .init("never", .file("c.yaml", line: 5)),
            ],
        ]
        let settings = Settings(layers: layers)
        #expect(settings.string("group") == "from-flag")
        #expect(settings.string("max_in_flight") == "7")
        let error = #expect(throws: SettingError.self) { try KafkaConnectorSettings(settings) }
        #expect(
            error?.description == "c.yaml:5: delivery=\"never\" is not valid: one of at-most-once, at-least-once")
    }

    @Test func `of both names for the brokers the one of the stronger layer is gone by`() throws {
        func brokers(_ layers: [[String: Settings.Entry]]) throws -> [String] {
            try KafkaConnectorSettings(Settings(layers: layers + [["topics": .init("t", .environment)]])).kafka.brokers
        }
        let old = ["broker_host": Settings.Entry("old:1", .flag)]
        let new = ["broker_hosts": Settings.Entry("new:1", .environment)]
        #expect(try brokers([old, new]) == ["old:1"])
        #expect(try brokers([new, old]) == ["new:1"])
        #expect(try brokers([old.merging(new) { $1 }]) == ["new:1"])
        #expect(try brokers([["broker_hosts": .init(" ", .flag)], old]) == ["old:1"])
    }

    @Test(arguments: [("at-most-once", "false"), ("at-least-once", "true")])
    func `the delivery decides who commits`(delivery: String, commitsAtIntervals: String) throws {
        let settings = try KafkaConnectorSettings(Settings(environment: ["topics": "a", "delivery": delivery]))
        #expect(settings.connector.delivery.rawValue == delivery)
        #expect(settings.kafka.delivery == settings.connector.delivery)
        #expect(try settings.kafka.clientConfiguration()["enable.auto.commit"] == commitsAtIntervals)
    }

    @Test func `librdkafka's properties pass through by their prefix`() throws {
        let settings = try KafkaConnectorSettings(
            Settings(environment: ["topics": "a", "kafka.session.timeout.ms": "10000"]))
        #expect(settings.kafka.properties.contains { $0.name == "session.timeout.ms" && $0.value == "10000" })
    }
}
