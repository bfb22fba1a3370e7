package import Connector
package import Kafka

/// What a `KafkaSource` is made of.
package struct KafkaSourceConfiguration: Sendable {
    /// `host:port` of brokers to ask for the rest of the cluster.
    package var brokers: [String]
    package var group: String
    package var delivery = Delivery.atMostOnce
    /// Where events wait for those before them in their partition, what is taken is of as many partitions as there are.
    package var ordering = Ordering.partition
    package var clientID = "openfaas-kafka-connector"
    /// Where a partition starts that the group has no offset for.
    package var initialOffset = Configuration.AutoOffsetReset.latest
    /// Any properties of librdkafka, in place of what this source sets; not those that the delivery depends on.
    package var properties: [Configuration.Property] = []
    /// Whether the topics are what others wrote down, so that one which this client may not read is no reason to end.
    /// Default false.
    package var toleratesUnreadableTopics = false
    /// Topics that no pattern is to find. To be set where topics are found by patterns; none of them may be subscribed
    /// to by its name, or no other would be found either. Default none.
    package var hiddenTopics: [String] = []
    /// For SASL's OAUTHBEARER; `nil` leaves that to librdkafka.
    package var tokens: TokenProvider?

    package init(brokers: [String], group: String) {
        self.brokers = brokers
        self.group = group
    }

    /// What librdkafka gets.
    /// - Throws: For a property that would break the promise of delivery.
    package func clientConfiguration() throws(Kafka.ConfigurationError) -> Configuration {
        var configuration = Configuration()
        configuration.bootstrapServers = brokers
        configuration.groupID = group
        configuration.clientID = clientID
        configuration.autoOffsetReset = initialOffset
        configuration.assignmentStrategies = [.cooperativeSticky]
        configuration.reportsPartitionEOF = false
        configuration.statisticsInterval = .seconds(5)
        // A topic that does not exist yet is found this soon after it was created.
        configuration["topic.metadata.refresh.interval.ms"] = "30000"
        // What librdkafka fetches ahead of each partition; its own default is 64 MiB. With 1 MiB it often waits before
        // it fetches again: half the rate from one partition.
        configuration["queued.max.messages.kbytes"] = "4096"
        // In that librdkafka counts the values alone, and keeps some 300 bytes of each message beside: the 100,000 that
        // it would have of each partition are 30 MiB if they are small. With 10,000, one partition gave 17,000 messages
        // a second instead of 46,000: whoever has enough is looked at again a second later.
        configuration["queued.min.messages"] = "40000"
        if !hiddenTopics.isEmpty { configuration["topic.blacklist"] = Self.blacklist(of: hiddenTopics) }
        configuration["socket.keepalive.enable"] = "true"
        configuration["auto.commit.interval.ms"] = "1000"
        // Longer than a fetch may wait, behind which the search for a new coordinator waits: a commit that is repeated
        // while its connection changes fails with it, gives the new coordinator up, and so on until the session ends
        // (seen with 2.0.2, which repeats after 100 ms).
        configuration["retry.backoff.ms"] = "1000"
        for property in properties {
            if property.name == "transactional.id" {
                throw ConfigurationError(property, reason: "must not be set: nothing here is part of a transaction")
            }
            // By statistics a broker that is back is known for connected, and lag is told.
            if property.name == "statistics.interval.ms", property.value.allSatisfy({ $0 == "0" }) {
                throw ConfigurationError(property, reason: "must be above 0")
            }
            // With 0 librdkafka commits nothing by itself, not even what was settled.
            if property.name == "auto.commit.interval.ms", delivery == .atLeastOnce,
                property.value.allSatisfy({ $0 == "0" })
            {
                throw ConfigurationError(property, reason: "must be above 0 for \(delivery.rawValue) delivery")
            }
            let required = fixed[property.name] ?? property.value
            guard property.value == required else { throw breaking(property, required) }
            // At least once, an event is settled once every replica in sync has its dead letter.
            if Self.acknowledgements.contains(property.name), delivery == .atLeastOnce,
                property.value != "all", property.value != "-1"
            {
                throw breaking(property, "all")
            }
            configuration[property.name] = property.value
        }
        for name in fixed.keys.sorted() { configuration[name] = fixed[name] }
        return configuration
    }

    /// Kafka's own topics: a commit is a record there, so who reads them reads its own commits without end. Java's
    /// client leaves them out of patterns by itself (`exclude.internal.topics`).
    package static let internalTopics = ["__consumer_offsets", "__transaction_state"]

    /// Regular expressions, of whose signs a topic's name has the dot alone.
    private static func blacklist(of topics: [String]) -> String {
        let patterns = topics.map { topic in
            "^\(topic.split(separator: ".", omittingEmptySubsequences: false).joined(separator: "[.]"))$"
        }
        return patterns.joined(separator: ",")
    }

    /// See `Consumer.init`. With 1, 64 partitions cost a fifth more instructions a message than with 16; but then, of
    /// 64 that may be in flight, 11 were.
    package var leastShare: Int { ordering == .partition ? 1 : 16 }

    /// Lets librdkafka say whether it takes it all, files included, without a connection.
    /// - Throws: What `clientConfiguration` throws, and what librdkafka says.
    package func check() throws(Kafka.ConfigurationError) {
        try clientConfiguration().check(for: .consumer, hasTokens: tokens != nil)
    }

    /// librdkafka's names of one property.
    private static let acknowledgements = ["acks", "request.required.acks"]

    private func breaking(_ property: Configuration.Property, _ required: String) -> Kafka.ConfigurationError {
        ConfigurationError(property, reason: "must stay \(required) for \(delivery.rawValue) delivery")
    }

    /// At most once each offset is committed by this source, before the event is handed over. At least once librdkafka
    /// commits at intervals what this source notes as settled, and never what it merely fetched.
    private var fixed: [String: String] {
        let commitsAtIntervals = delivery == .atLeastOnce
        return ["enable.auto.commit": String(commitsAtIntervals), "enable.auto.offset.store": "false"]
    }
}
