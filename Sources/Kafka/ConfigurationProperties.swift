// The properties that this package sets itself, by Kafka's names and with their own types.
// Defaults and bounds are librdkafka's; see its CONFIGURATION.md.

extension Configuration {
    /// Where a group starts that has no committed offset.
    package enum AutoOffsetReset: String, Sendable, CaseIterable { case earliest, latest, error }

    /// How a group shares out its partitions; all members must have one in common.
    package enum AssignmentStrategy: String, Sendable, CaseIterable {
        case range
        case roundRobin = "roundrobin"
        case cooperativeSticky = "cooperative-sticky"
    }

    package enum Acknowledgements: String, Sendable, CaseIterable {
        case none = "0"
        case leader = "1"
        case all = "all"
    }

    package enum Compression: String, Sendable, CaseIterable { case none, gzip, snappy, lz4, zstd }

    package enum Partitioner: String, Sendable, CaseIterable {
        case random, consistent, murmur2, fnv1a
        case consistentRandom = "consistent_random"
        case murmur2Random = "murmur2_random"
        case fnv1aRandom = "fnv1a_random"
    }

    // MARK: Both kinds of client

    /// Brokers to ask for the rest of the cluster, `host:port` each.
    package var bootstrapServers: [String] {
        get { list("bootstrap.servers") }
        set { self["bootstrap.servers"] = newValue.joined(separator: ",") }
    }

    package var clientID: String? {
        get { self["client.id"] }
        set { self["client.id"] = newValue }
    }

    /// How often statistics are reported; `.zero` or `nil` never.
    package var statisticsInterval: Duration? {
        get { milliseconds("statistics.interval.ms") }
        set { setMilliseconds("statistics.interval.ms", newValue) }
    }

    // MARK: Consumer

    package var groupID: String? {
        get { self["group.id"] }
        set { self["group.id"] = newValue }
    }

    /// Makes the member static: it keeps its partitions over a restart within the session timeout.
    package var groupInstanceID: String? {
        get { self["group.instance.id"] }
        set { self["group.instance.id"] = newValue }
    }

    package var autoOffsetReset: AutoOffsetReset? {
        get { self["auto.offset.reset"].flatMap(AutoOffsetReset.init) }
        set { self["auto.offset.reset"] = newValue?.rawValue }
    }

    /// What librdkafka makes of `auto.offset.reset`, in all its words; `nil` is an error.
    package var resetOffset: Int64? {
        switch self["auto.offset.reset"] ?? "latest" {
        case "smallest", "earliest", "beginning": TopicPartitionOffset.beginning
        case "largest", "latest", "end": TopicPartitionOffset.end
        default: nil
        }
    }

    package var assignmentStrategies: [AssignmentStrategy] {
        get { list("partition.assignment.strategy").compactMap(AssignmentStrategy.init) }
        set {
            self["partition.assignment.strategy"] =
                newValue.isEmpty ? nil : newValue.map(\.rawValue).joined(separator: ",")
        }
    }

    package var isAutoCommitEnabled: Bool? {
        get { self["enable.auto.commit"].flatMap(Bool.init) }
        set { self["enable.auto.commit"] = newValue.map(String.init) }
    }

    package var isAutoOffsetStoreEnabled: Bool? {
        get { self["enable.auto.offset.store"].flatMap(Bool.init) }
        set { self["enable.auto.offset.store"] = newValue.map(String.init) }
    }

    package var reportsPartitionEOF: Bool? {
        get { self["enable.partition.eof"].flatMap(Bool.init) }
        set { self["enable.partition.eof"] = newValue.map(String.init) }
    }

    package var sessionTimeout: Duration? {
        get { milliseconds("session.timeout.ms") }
        set { setMilliseconds("session.timeout.ms", newValue) }
    }

    package var maxPollInterval: Duration? {
        get { milliseconds("max.poll.interval.ms") }
        set { setMilliseconds("max.poll.interval.ms", newValue) }
    }

    // MARK: Producer

    package var acknowledgements: Acknowledgements? {
        get { self["acks"].flatMap(Acknowledgements.init) }
        set { self["acks"] = newValue?.rawValue }
    }

    package var isIdempotent: Bool? {
        get { self["enable.idempotence"].flatMap(Bool.init) }
        set { self["enable.idempotence"] = newValue.map(String.init) }
    }

    package var compression: Compression? {
        get { self["compression.type"].flatMap(Compression.init) }
        set { self["compression.type"] = newValue?.rawValue }
    }

    package var partitioner: Partitioner? {
        get { self["partitioner"].flatMap(Partitioner.init) }
        set { self["partitioner"] = newValue?.rawValue }
    }

    /// How long a batch waits for more messages.
    package var linger: Duration? {
        get { milliseconds("linger.ms") }
        set { setMilliseconds("linger.ms", newValue) }
    }

    /// How many messages may wait for their delivery report before `tryProduce` says that the queue is full.
    package var queueMaxMessages: Int? {
        get { self["queue.buffering.max.messages"].flatMap(Int.init) }
        set { self["queue.buffering.max.messages"] = newValue.map(String.init) }
    }

    /// After how long a message that was not acknowledged is reported as failed.
    package var messageTimeout: Duration? {
        get { milliseconds("message.timeout.ms") }
        set { setMilliseconds("message.timeout.ms", newValue) }
    }

    // MARK: Between types and texts

    private func list(_ name: String) -> [String] {
        self[name]?.split(separator: ",").map(String.init) ?? []
    }

    private func milliseconds(_ name: String) -> Duration? {
        self[name].flatMap(Double.init).map { .milliseconds($0) }
    }

    private mutating func setMilliseconds(_ name: String, _ value: Duration?) {
        self[name] = value.map { String($0.wholeMilliseconds) }
    }
}

extension Duration {
    /// Rounded down.
    var wholeMilliseconds: Int64 {
        components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000
    }
}
