internal import OrderedCollections

extension FakeBroker {
    /// What a cluster is made of. Every field has a default that suits a test; `Configuration()` is one broker on a
    /// free port of 127.0.0.1 that creates topics on demand.
    public struct Configuration: Sendable {
        /// A topic that is there from the start.
        public struct Topic: Sendable {
            public var name: String
            /// Nil: ``Configuration/defaultPartitions``.
            public var partitions: Int?
            /// Nil: ``Configuration/defaultReplicationFactor``.
            public var replicationFactor: Int?
            /// By Kafka's names, such as `cleanup.policy`.
            public var configs: [String: String]

            public init(
                _ name: String, partitions: Int? = nil, replicationFactor: Int? = nil, configs: [String: String] = [:]
            ) {
                self.name = name
                self.partitions = partitions
                self.replicationFactor = replicationFactor
                self.configs = configs
            }
        }

        public enum Time: Sendable, Equatable {
            case real
            /// Begins at this many milliseconds since 1970, nil being now, and stands still until it is advanced:
            /// sessions, transactions, retention and long polls expire when the test says so.
            case virtual(startMilliseconds: Int64? = nil)
        }

        /// How many brokers; their node ids are 1, 2, ….
        public var brokers = 1
        /// The address to listen on.
        public var host = "127.0.0.1"
        /// What clients are told to connect to; nil for ``host``. Needed where that is a wildcard such as `0.0.0.0`.
        public var advertisedHost: String?
        /// The port of each broker, in the order of their ids; 0, or none given, is any free port.
        public var ports: [Int] = []

        public var topics: [Topic] = []
        /// Partitions of a topic that does not say how many (Kafka: `num.partitions`).
        public var defaultPartitions = 1
        /// Replicas of a topic that does not say how many (Kafka: `default.replication.factor`); nil is three, or as
        /// many as there are brokers. All replicas share one log: what they add is who may lead when a broker stops.
        public var defaultReplicationFactor: Int?
        /// A topic that a producer or consumer asks for is created (Kafka: `auto.create.topics.enable`).
        public var autoCreateTopics = true

        /// Chooses every id that the cluster gives out: the same seed and requests give the same ids.
        public var seed: UInt64 = 0
        /// How long a new group waits for more members (Kafka: `group.initial.rebalance.delay.ms`, 3 s there).
        public var groupInitialRebalanceDelay: Duration = .zero
        /// Session timeouts that a member may ask for (Kafka: `group.min.session.timeout.ms` and `group.max…`; Kafka's
        /// least is 6 s, which is long for a test).
        public var groupSessionTimeouts: ClosedRange<Duration> = .milliseconds(10) ... .seconds(1800)
        /// Groups whose assignment the brokers make.
        public var consumerGroups = ConsumerGroups()
        /// Groups whose members take single records.
        public var shareGroups = ShareGroups()
        /// How long offsets of a group without members are kept (Kafka: `offsets.retention.minutes`).
        public var offsetRetention: Duration = .seconds(7 * 24 * 3600)

        /// The rack of each broker, in the order of their ids (Kafka: `broker.rack`); those left out have none.
        public var racks: [String] = []

        /// Whether time is the machine's, or passes when ``FakeBroker/advance(by:)`` says so.
        public var time = Time.real
        /// What goes wrong, and when; see also ``FakeBroker/setFaults(_:)``.
        public var faults = FaultPlan()
        /// The journal keeps requests and replies too, as text. Costs some 10 µs a request.
        public var journalMessages = false
        /// The transactions that clients are offered (Kafka: the feature `transaction.version`): with 2 every end of a
        /// transaction bumps its producer's epoch, and partitions join a transaction as they are written to (KIP-890).
        public var transactionVersion = 2
        /// The longest transaction timeout that a producer may ask for (Kafka: `transaction.max.timeout.ms`).
        public var transactionMaxTimeout: Duration = .seconds(900)
        /// How long the markers of a transaction that has ended take. While they do, its records are not stable, and
        /// its producer is told CONCURRENT_TRANSACTIONS.
        public var transactionMarkerDelay: Duration = .zero
        /// How long an unused transactional id is remembered (Kafka: `transactional.id.expiration.ms`).
        public var transactionalIDExpiration: Duration = .seconds(604_800)

        /// How often logs are looked at for records that are too old or too many (Kafka:
        /// `log.retention.check.interval.ms`).
        public var logRetentionCheckInterval: Duration = .seconds(300)
        /// How long after an append a compacted log is looked at (Kafka: `log.cleaner.backoff.ms`).
        public var logCleanerBackoff: Duration = .seconds(15)

        /// A folder that keeps topics, records, offsets, transactional ids and share groups for the next process to
        /// find; nil: memory alone. Made if it is not there. Everything stays in memory too.
        public var logDirectory: String?
        /// When what is in ``logDirectory`` is forced to the disk, so that it outlives the machine too.
        public var logFlush = LogFlush.never

        /// How long a request is taken to occupy a broker's thread, for quotas on that (`request_percentage`).
        public var requestTime: Duration = .microseconds(100)

        /// Listeners, users, tokens and access rules; by default one listener that is open to all.
        public var security = Security()

        public var limits = Limits()

        public init() {}
    }

    /// When written files are forced to the disk.
    public enum LogFlush: String, Sendable, CaseIterable {
        /// The system writes them in its own time.
        case never
        /// As the last thing of a shutdown.
        case atShutdown = "shutdown"
        /// Before anybody is told of what is written. Costs milliseconds each time.
        case always
    }

    /// Bounds on what clients can make the brokers hold.
    public struct Limits: Sendable {
        /// Bytes of one request (Kafka: `socket.request.max.bytes`). A longer one closes its connection.
        public var requestBytes = 100 * 1024 * 1024
        /// Bytes of one record batch (Kafka: `message.max.bytes`). A larger one is refused with MESSAGE_TOO_LARGE.
        public var batchBytes = 1_048_588
        /// Bytes of records in one fetch response, whatever the client asks for (Kafka: `fetch.max.bytes`). One batch
        /// is always returned whole.
        public var fetchBytes = 55 * 1024 * 1024
        /// Partitions of one topic.
        public var partitionsPerTopic = 10_000
        /// Topics of the cluster.
        public var topics = 100_000
        /// Members of one group (Kafka: `group.max.size`).
        public var groupMembers = 10_000
        /// Transactional ids of the cluster.
        public var transactionalIDs = 100_000
        /// Bytes of the metadata beside a committed offset (Kafka: `offset.metadata.max.bytes`).
        public var offsetMetadataBytes = 4096
        /// Bytes of one token of SASL (Kafka: `sasl.server.max.receive.size`).
        public var saslTokenBytes = 524_288
        /// Access rules of the cluster.
        public var acls = 10_000
        /// Users with SCRAM credentials.
        public var scramUsers = 10_000
        /// Fetch sessions of the cluster (Kafka: `max.incremental.fetch.session.cache.slots`, of each broker).
        public var fetchSessions = 1000
        /// Users, clients and addresses with quotas.
        public var quotas = 10_000
        /// Requests that the journal remembers; the oldest are forgotten first.
        public var journalEntries = 10_000

        public init() {}
    }
}

extension FakeBroker.Configuration.Topic {
    var orderedConfigs: OrderedDictionary<String, String> { .init(sorting: configs) }
}

extension OrderedDictionary<String, String> {
    /// In the order of the names.
    init(sorting values: [String: String]) {
        self.init(uniqueKeysWithValues: values.sorted { $0.key < $1.key })
    }
}

extension FakeBroker.Configuration {
    /// What the cluster says of topics that say nothing themselves.
    var topicDefaults: OrderedDictionary<String, String> {
        let standard = FakeBroker.Limits().batchBytes
        return limits.batchBytes == standard ? [:] : ["max.message.bytes": "\(limits.batchBytes)"]
    }

    /// 0: any free one.
    func port(ofBroker broker: Int, listener: Int) -> Int {
        let own = security.listeners[listener].ports
        let ports = listener == 0 && own.isEmpty ? self.ports : own
        return ports.indices.contains(broker - 1) ? ports[broker - 1] : 0
    }

    func validate() throws(FakeBrokerError) {
        func check(_ isValid: Bool, _ field: String, _ value: Any, _ accepted: String) throws(FakeBrokerError) {
            if !isValid { throw .invalid(field, "\(value)", accepted: accepted) }
        }
        try check(1...1000 ~= brokers, "brokers", brokers, "1 to 1000")
        try check(ports.count <= brokers, "ports", ports, "one a broker at most, of which there are \(brokers)")
        for port in ports { try check(0...65535 ~= port, "ports", port, "0 to 65535, 0 being any free port") }
        try check(
            1...limits.partitionsPerTopic ~= defaultPartitions, "defaultPartitions", defaultPartitions,
            "1 to \(limits.partitionsPerTopic)")
        try check(
            1...brokers ~= defaultReplicationFactor ?? 1, "defaultReplicationFactor", defaultReplicationFactor ?? 1,
            "1 to the number of brokers, \(brokers)")
        try check(
            groupInitialRebalanceDelay >= .zero, "groupInitialRebalanceDelay", groupInitialRebalanceDelay,
            "zero or more")
        try check(0...2 ~= transactionVersion, "transactionVersion", transactionVersion, "0, 1 and 2")
        try check(
            transactionMaxTimeout > .zero, "transactionMaxTimeout", transactionMaxTimeout, "more than zero")
        try check(
            logRetentionCheckInterval > .zero, "logRetentionCheckInterval", logRetentionCheckInterval,
            "more than zero")
        try check(
            .zero ... .seconds(1) ~= requestTime, "requestTime", requestTime, "zero to one second")
        try check(logCleanerBackoff > .zero, "logCleanerBackoff", logCleanerBackoff, "more than zero")
        try check(
            transactionMarkerDelay >= .zero, "transactionMarkerDelay", transactionMarkerDelay, "zero or more")
        try check(
            transactionalIDExpiration > .zero, "transactionalIDExpiration", transactionalIDExpiration,
            "more than zero")
        try check(
            .milliseconds(1) ... .seconds(Int64(Int32.max)) ~= offsetRetention, "offsetRetention", offsetRetention,
            "1 ms to 2147483647 s")
        try check(
            1...Int(Int32.max) ~= limits.requestBytes, "limits.requestBytes", limits.requestBytes, "1 to 2147483647")
        try check(racks.count <= brokers, "racks", racks, "one a broker at most, of which there are \(brokers)")
        try faults.validate()
        try check(
            0...Int(Int32.max) ~= limits.batchBytes, "limits.batchBytes", limits.batchBytes, "0 to 2147483647")
        for topic in topics {
            for (name, value) in topic.orderedConfigs {
                do throws(TopicSettings.Invalid) {
                    _ = try TopicSettings.checked(name, value)
                } catch {
                    throw FakeBrokerError(
                        .invalidConfiguration, "FakeBroker.Configuration.topics, '\(topic.name)': \(error)")
                }
            }
            try check(
                Topics.isValid(name: topic.name), "topics", "'\(topic.name)'",
                "names of 1 to 249 letters, digits, '.', '_' and '-'")
            try check(
                topics.count { $0.name == topic.name } == 1, "topics", "'\(topic.name)', twice", "names used once")
            try check(
                1...limits.partitionsPerTopic ~= topic.partitions ?? 1, "topics",
                "'\(topic.name)' with "
                    + "\(topic.partitions ?? 1) partitions", "1 to \(limits.partitionsPerTopic)")
            try check(
                1...brokers ~= topic.replicationFactor ?? 1, "topics",
                "'\(topic.name)' with "
                    + "\(topic.replicationFactor ?? 1) replicas", "1 to the number of brokers, \(brokers)")
        }
        try consumerGroups.validate()
        try shareGroups.validate()
        try security.validate(brokers: brokers, limits: limits)
    }
}
