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
        ("log_level", "loud"), ("delivery", "exactly-once"), ("retry_codes", "200,abc"), ("max_bytes", "-1"),
        ("status_listen", "8081"), ("ca_file", "/no/such/file"), ("tls", "maybe"), ("status_listen", "host:70000"),
    ])
    func `a bad value is named, shown and explained on one line`(name: String, value: String) {
        let error = #expect(throws: SettingError.self) {
            try KafkaConnectorSettings(Settings(environment: ["topics": "a"].merging([name: value]) { $1 }))
        }
        #expect(error?.name == name)
        #expect(error?.description.contains(value) == true || value == ",")
        #expect(error?.description.contains("\n") == false)
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
