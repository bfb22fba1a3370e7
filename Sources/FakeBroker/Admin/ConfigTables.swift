/// The names that brokers, groups and client metrics have settings by; a topic's are in ``TopicSettings``.
///
/// Source: KafkaConfig, GroupConfig and ClientMetricsConfigs of Kafka 4.
enum ConfigTables {
    typealias Definition = TopicSettings.Definition

    /// What a broker's administrator may change while it runs, in alphabetical order: those of topics under the
    /// broker's name for them, which take effect for topics that say nothing themselves, and a few that are kept and
    /// told and change nothing.
    static let broker: [Definition] = {
        let topics = TopicSettings.definitions.filter { $0.brokerName != $0.name || !$0.name.contains("throttled") }
            .map { topic in
                Definition(
                    name: topic.brokerName, kind: topic.kind, defaultValue: topic.defaultValue,
                    brokerName: topic.brokerName, range: topic.range, accepted: topic.accepted)
            }
        return (topics + otherBroker).sorted { $0.name < $1.name }
    }()

    private static let otherBroker: [Definition] = [
        number("background.threads", "10", 1...1000),
        number("follower.replication.throttled.rate", "\(Int64.max)", 0...Int64.max, .long),
        number("leader.replication.throttled.rate", "\(Int64.max)", 0...Int64.max, .long),
        number("log.cleaner.threads", "1", 0...1000),
        number("max.connections", "\(Int32.max)", 0...Int64(Int32.max)),
        number("max.connections.per.ip", "\(Int32.max)", 0...Int64(Int32.max)),
        number("num.io.threads", "8", 1...1000),
        number("num.network.threads", "3", 1...1000),
        number("num.recovery.threads.per.data.dir", "2", 1...1000),
        number("num.replica.fetchers", "1", 1...1000),
    ]

    static let group: [Definition] = [
        number("consumer.heartbeat.interval.ms", "5000", 1...Int64(Int32.max)),
        number("consumer.session.timeout.ms", "45000", 1...Int64(Int32.max)),
        string("share.auto.offset.reset", "latest"),
        number("share.delivery.count.limit", "5", 2...10),
        number("share.heartbeat.interval.ms", "5000", 1...Int64(Int32.max)),
        string("share.isolation.level", "read_uncommitted", ["read_uncommitted", "read_committed"]),
        number("share.record.lock.duration.ms", "30000", 1000...3_600_000),
        number("share.session.timeout.ms", "45000", 1...Int64(Int32.max)),
        number("streams.heartbeat.interval.ms", "5000", 1...Int64(Int32.max)),
        number("streams.num.standby.replicas", "0", 0...100),
        number("streams.session.timeout.ms", "45000", 1...Int64(Int32.max)),
    ]

    static let clientMetrics: [Definition] = [
        number("interval.ms", "300000", 100...3_600_000),
        Definition(name: "match", kind: .list, defaultValue: "", brokerName: "match"),
        Definition(name: "metrics", kind: .list, defaultValue: "", brokerName: "metrics"),
    ]

    static let levels = ["FATAL", "ERROR", "WARN", "INFO", "DEBUG", "TRACE"]
    /// Loggers of a broker that tools may ask for; setting one changes nothing.
    static let logger: [Definition] = ["kafka", "org.apache.kafka", "root"].map { string($0, "INFO", levels) }

    private static func number(
        _ name: String, _ value: String, _ range: ClosedRange<Int64>, _ kind: Definition.Kind = .int
    ) -> Definition {
        Definition(name: name, kind: kind, defaultValue: value, brokerName: name, range: range)
    }

    private static func string(_ name: String, _ value: String, _ accepted: [String] = []) -> Definition {
        Definition(name: name, kind: .string, defaultValue: value, brokerName: name, accepted: accepted)
    }
}
