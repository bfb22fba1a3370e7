package import Connector
import Kafka
package import KafkaSource
package import OpenFaaSGateway

/// Everything that a Kafka connector can be told, read from environment variables.
package struct KafkaConnectorSettings: Sendable {
    package var connector: ConnectorConfiguration
    package var kafka: KafkaSourceConfiguration
    package var gateway: OpenFaaSGatewayConfiguration
    package var log: LogSettings
    /// Where to answer probes and Prometheus; `nil`: nowhere. Default `0.0.0.0:8081`.
    package var status: StatusAddress?
    package var metricsDetail: Metrics.Detail
    /// Where events go that a function would not take; `nil`: nowhere.
    package var deadLetterTopic: String?
    /// What to read again while the connector runs.
    package var files: SecurityFileWatch
    /// How often. Default 10 s.
    package var reloadInterval: Duration

    /// - Throws: For the first variable that cannot be used.
    package init(_ settings: Settings) throws(SettingError) {
        files = SecurityFileWatch(SecurityFiles(settings))
        let shared = try ProgramSettings(settings)
        connector = shared.connector
        gateway = shared.gateway
        log = shared.log
        status = shared.status
        metricsDetail = shared.metricsDetail
        let security = try KafkaSecurity(settings)
        kafka = try KafkaSourceConfiguration(settings, security, delivery: connector.delivery)
        kafka.ordering = connector.ordering
        kafka.toleratesUnreadableTopics = connector.topics == .annotated
        reloadInterval = try settings.duration("reload_interval", default: .seconds(10))
        deadLetterTopic = settings.string("dead_letter_topic")
        if connector.topics == .annotated && connector.annotations.hasWildcards {
            // A letter is no event: it would be given to the functions that could not take it, and to all others.
            let hidden = KafkaSourceConfiguration.internalTopics + (deadLetterTopic.map { [$0] } ?? [])
            kafka.hiddenTopics = hidden
            if settings.string("\(SettingCatalog.propertyPrefix)topic.blacklist") == nil {
                // One that is hidden, subscribed to by its name, would keep librdkafka from joining the group at all.
                connector.annotations.withheld = Set(hidden)
            }
        }
        try checkTopics(settings)
        // What librdkafka does not take is told now, and not once the gateway has answered.
        do throws(ConfigurationError) {
            try kafka.check()
            if deadLetterTopic != nil { try kafka.checkProducer() }
        } catch {
            throw error.settingError(settings)
        }
    }

    private func checkTopics(_ settings: Settings) throws(SettingError) {
        let accepted = "names that Kafka takes: \(TopicName.accepted)"
        if let deadLetterTopic, !TopicName.isLegal(deadLetterTopic) {
            throw settings.error("dead_letter_topic", accepted: accepted)
        }
        guard case .named(let topics) = connector.topics else { return }
        guard topics.allSatisfy(TopicName.isLegal) else { throw settings.error("topics", accepted: accepted) }
        if let deadLetterTopic, topics.contains(deadLetterTopic) {
            throw settings.error("dead_letter_topic", accepted: "a topic that is not among topics")
        }
    }
}

extension ConfigurationError {
    /// In the words of the user's setting, if it was one.
    fileprivate func settingError(_ settings: Settings) -> SettingError {
        let accepted = "\(reason) (librdkafka's CONFIGURATION.md lists what it takes)"
        if let property {
            var error = settings.error(SettingCatalog.propertyPrefix + property, accepted: accepted)
            // What has no such name may be a secret whose name was mistyped.
            error.value = isUnknownProperty ? Self.mask : value
            return error
        }
        // What librdkafka blames the whole for, it mostly names.
        let names =
            KafkaSecurity.files.filter { reason.contains($0.property) }.map(\.setting)
            + settings.names(withPrefix: SettingCatalog.propertyPrefix)
            .filter { reason.contains($0.dropFirst(SettingCatalog.propertyPrefix.count)) }
        guard let name = names.first(where: { settings.string($0) != nil }) else {
            return SettingError(name: "Kafka's settings", value: "together", accepted: accepted)
        }
        var error = settings.error(name, accepted: accepted)
        if SettingCatalog.isSecret(name) { error.value = Self.mask }
        return error
    }
}

extension KafkaSourceConfiguration {
    /// The group of the connector of 2018, which fixed it, so that its offsets go on being used.
    package static let defaultGroup = "faas-kafka-queue-workers"

    /// Where a partition begins that the group has no offset for.
    private enum InitialOffset: String, CaseIterable { case oldest, newest }

    /// Properties of librdkafka that have settings of their own, by which metrics and `--print-config` go.
    private static let ownSettings = [
        "group.id": "group", "bootstrap.servers": "broker_hosts", "metadata.broker.list": "broker_hosts",
    ]

    /// Reads what concerns Kafka, and `kafka.*` as librdkafka's own properties.
    init(_ settings: Settings, _ security: KafkaSecurity, delivery: Delivery) throws(SettingError) {
        let name = settings.name(among: SettingCatalog.brokerNames) ?? "broker_hosts"
        let brokers: BrokerList
        do throws(SettingError) {
            brokers = try BrokerList(settings.string(name) ?? "kafka", name: name)
        } catch {
            throw settings.error(name, accepted: error.accepted)
        }
        self.init(brokers: brokers.brokers, group: settings.string("group") ?? Self.defaultGroup)
        self.delivery = delivery
        initialOffset =
            try settings.choice("initial_offset", default: InitialOffset.oldest) == .oldest ? .earliest : .latest
        let maxBytes = try settings.integer("max_bytes", default: 1_048_576, in: 1...1_000_000_000)
        properties = [Configuration.Property(name: "fetch.message.max.bytes", value: "\(maxBytes)")]
        properties += security.properties
        tokens = security.tokens
        for name in settings.names(withPrefix: SettingCatalog.propertyPrefix) {
            guard let value = settings.string(name) else { continue }
            let property = String(name.dropFirst(SettingCatalog.propertyPrefix.count))
            if let own = Self.ownSettings[property] {
                throw settings.error(name, accepted: "leave it out, and set \(own)")
            }
            properties.append(Configuration.Property(name: property, value: value))
        }
    }
}
