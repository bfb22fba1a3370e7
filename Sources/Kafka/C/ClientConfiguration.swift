internal import Crdkafka

/// A librdkafka configuration on its way to becoming a client.
@safe struct ClientConfiguration: ~Copyable {
    private let pointer: OpaquePointer
    private var isOwned = true

    /// With librdkafka's defaults.
    private init() {
        // librdkafka ends the process where it has no memory, so there is always a configuration.
        unsafe pointer = rd_kafka_conf_new()
    }

    /// Hands over every property; librdkafka checks names and values.
    static func checked(_ configuration: Configuration) throws(ConfigurationError) -> ClientConfiguration {
        let result = ClientConfiguration()
        for property in configuration.properties { try result.set(property) }
        try result.set(Configuration.Property(name: "log.queue", value: "true"))
        return result
    }

    deinit {
        if isOwned { unsafe rd_kafka_conf_destroy(pointer) }
    }

    private func set(_ property: Configuration.Property) throws(ConfigurationError) {
        guard !property.name.utf8.contains(0), !property.value.utf8.contains(0) else {
            throw ConfigurationError(property, reason: "a NUL character is not accepted in a name or value")
        }
        var text = [CChar](repeating: 0, count: 512)
        let result = unsafe rd_kafka_conf_set(pointer, property.name, property.value, &text, text.count)
        guard result == RD_KAFKA_CONF_OK else {
            throw ConfigurationError(property, reason: String(nullTerminated: text))
        }
    }

    /// What a property amounts to, defaults included.
    func value(of name: String) -> String? {
        var text = [CChar](repeating: 0, count: 4096)
        var size = text.count
        guard unsafe rd_kafka_conf_get(pointer, name, &text, &size) == RD_KAFKA_CONF_OK else { return nil }
        return String(nullTerminated: text)
    }

    /// Lets errors, logs, statistics, commit results and delivery reports come as events on the main queue.
    ///
    /// - Parameter tokens: Whether wishes for OAUTHBEARER tokens come too; without, librdkafka has its own ways.
    func enableEvents(for kind: Configuration.ClientKind, tokens: Bool) {
        var events = RD_KAFKA_EVENT_ERROR | RD_KAFKA_EVENT_LOG | RD_KAFKA_EVENT_STATS
        if tokens { events |= RD_KAFKA_EVENT_OAUTHBEARER_TOKEN_REFRESH }
        switch kind {
        case .consumer: events |= RD_KAFKA_EVENT_OFFSET_COMMIT
        case .producer: events |= RD_KAFKA_EVENT_DR
        }
        unsafe rd_kafka_conf_set_events(pointer, events)
    }

    /// Lets rebalances be noted while the consumer queue is read, on the thread that reads it.
    func noteRebalances(in inbox: RebalanceInbox) {
        unsafe rd_kafka_conf_set_opaque(pointer, inbox.opaque)
        unsafe rd_kafka_conf_set_rebalance_cb(pointer, noteRebalance)
    }

    /// Starts a client, which keeps what its callbacks and queues use.
    consuming func makeClient(_ kind: Configuration.ClientKind, using uses: [any AnyObject & Sendable])
        throws(ConfigurationError) -> Client
    {
        var text = [CChar](repeating: 0, count: 512)
        let type = kind == .consumer ? RD_KAFKA_CONSUMER : RD_KAFKA_PRODUCER
        guard let client = unsafe rd_kafka_new(type, pointer, &text, text.count) else {
            throw ConfigurationError(reason: String(nullTerminated: text))
        }
        // From here on the configuration is the client's.
        isOwned = false
        return unsafe Client(owning: client, using: uses)
    }
}
