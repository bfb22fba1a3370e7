package import Connector
import Kafka
package import KafkaSource
package import Logging
package import OpenFaaSGateway

/// Everything that a Kafka connector can be told, read from environment variables.
package struct KafkaConnectorSettings: Sendable {
    package var connector: ConnectorConfiguration
    package var kafka: KafkaSourceConfiguration
    package var gateway: OpenFaaSGatewayConfiguration
    package var log: LogObserver.Options
    /// Default `.info`.
    package var logLevel: Logger.Level
    /// Where to answer probes and Prometheus; `nil`: nowhere. Default `0.0.0.0:8081`.
    package var status: StatusAddress?

    /// - Throws: For the first variable that cannot be used.
    package init(_ settings: Settings) throws(SettingError) {
        connector = try ConnectorConfiguration(settings)
        gateway = try OpenFaaSGatewayConfiguration(settings)
        kafka = try KafkaSourceConfiguration(settings)
        log = LogObserver.Options()
        log.printsResponses = try settings.bool("print_response", default: false)
        log.printsEvents = try settings.bool("print_request_body", default: false)
        logLevel = try settings.choice("log_level", default: .info)
        status = try StatusAddress.read(settings)
    }
}

extension KafkaSourceConfiguration {
    /// The group of the connector of 2018, which fixed it, so that its offsets go on being used.
    package static let defaultGroup = "faas-kafka-queue-workers"

    /// Where a partition begins that the group has no offset for.
    private enum InitialOffset: String, CaseIterable { case oldest, newest }

    /// Reads what concerns Kafka, and `kafka.*` as librdkafka's own properties.
    init(_ settings: Settings) throws(SettingError) {
        let name = settings.string("broker_hosts") == nil ? "broker_host" : "broker_hosts"
        let brokers = try BrokerList(settings.string(name) ?? "kafka", name: name)
        self.init(brokers: brokers.brokers, group: settings.string("group") ?? Self.defaultGroup)
        // The core reads it too: both have to go by the same.
        delivery = try settings.choice("delivery", default: delivery)
        initialOffset =
            try settings.choice("initial_offset", default: InitialOffset.oldest) == .oldest ? .earliest : .latest
        let maxBytes = try settings.integer("max_bytes", default: 1_048_576, in: 1...1_000_000_000)
        properties = [Configuration.Property(name: "fetch.message.max.bytes", value: "\(maxBytes)")]
        properties += try KafkaSecurity.properties(settings)
        for name in settings.names(withPrefix: SettingCatalog.propertyPrefix) {
            guard let value = settings.string(name) else { continue }
            let property = String(name.dropFirst(SettingCatalog.propertyPrefix.count))
            properties.append(Configuration.Property(name: property, value: value))
        }
    }
}
