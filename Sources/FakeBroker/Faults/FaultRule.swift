/// Which requests a fault befalls, how often, and what it does.
///
/// Everything that is left out matches. `*` at the end of a client id or topic stands for any rest.
public struct FaultRule: Sendable, Equatable {
    /// For the journal and ``FakeBroker/FakeBroker/faultsMet()``.
    public var name: String?

    // MARK: Which requests

    /// Kafka's names, such as `Produce`; empty: all.
    public var apis: [String]
    public var clientID: String?
    /// Node ids; empty: all.
    public var brokers: [Int]
    /// A topic that the request names, whatever others it names too. Errors and lies are told of it alone; of a
    /// connection or a frame there is but one.
    public var topic: String?

    // MARK: How often

    /// So many requests that match are let go before the first is met.
    public var after: Int
    /// So many are met at most; nil: all.
    public var count: Int?
    /// Of those, each is met with this probability, by the cluster's seed.
    public var probability: Double

    // MARK: What happens

    /// The request is handled so much later, in the cluster's time. The delays of all rules that match add up.
    public var delay: Duration
    /// Of all rules that match, the first that has one decides. Nil: the delay is all.
    public var act: FaultAction?

    public init(
        _ act: FaultAction? = nil, name: String? = nil, apis: [String] = [], clientID: String? = nil,
        brokers: [Int] = [], topic: String? = nil, after: Int = 0, count: Int? = nil, probability: Double = 1,
        delay: Duration = .zero
    ) {
        self.act = act
        self.name = name
        self.apis = apis
        self.clientID = clientID
        self.brokers = brokers
        self.topic = topic
        self.after = after
        self.count = count
        self.probability = probability
        self.delay = delay
    }
}

/// What a fault does to a request, to its reply, or to the connection.
public enum FaultAction: Sendable, Hashable {
    /// It is not handled; every place of the reply that can hold an error holds this one.
    case fail(KafkaError)
    /// It is handled, and takes effect; then every place of the reply says this error.
    case failAfterwards(KafkaError)
    /// It is not handled and never answered. Later requests on the connection are.
    case drop
    /// It is not handled; its connection is closed.
    case close
    /// It is not handled; its connection is reset (TCP RST).
    case reset

    /// It is handled; of the reply's frame so many bytes are sent, then the connection is closed.
    case tear(afterBytes: Int)
    /// It is handled; the reply comes so many bytes at a time, each so long after the last.
    case trickle(bytes: Int, every: Duration)
    /// It is handled; so many bits of the reply, chosen by the cluster's seed, are wrong. Its length is right.
    case corrupt(bits: Int)
    /// A fetch is answered with batches whose checksums are wrong.
    case badCRC
    /// It is not handled. The connection stays open, but nothing is ever read from it or written to it again.
    case halfOpen
    /// It is handled; then nothing is read from the connection for so long, nil being for ever.
    case stallReads(Duration?)

    /// The broker does not do what it says.
    case lie(FaultLie)
}

/// Findings from public test suites: replies that are well formed and not true.
public enum FaultLie: String, Sendable, CaseIterable {
    /// Fetch: there is nothing to be read, whatever the partition holds; told after the fetch's max wait.
    case emptyFetch
    /// ListOffsets: every offset that was asked for is 0.
    case zeroOffsets
    /// OffsetCommit and TxnOffsetCommit: accepted, and forgotten.
    case lostCommit
    /// Any: it is handled and takes effect; then the connection is closed instead of the reply.
    case lostAcknowledgement
}

/// What goes wrong in a cluster, and when: data, so that it can stand in a file and be replayed by a seed.
///
///     try await broker.setFaults([
///         FaultRule(.fail(.notLeaderOrFollower), apis: ["Produce"], topic: "orders", count: 3),
///         FaultRule(.lie(.lostAcknowledgement), apis: ["Produce"], after: 10, count: 1),
///         FaultRule(apis: ["Fetch"], probability: 0.1, delay: .milliseconds(200)),
///     ])
///
/// As JSON or YAML the same is:
///
///     [{"api": "Produce", "topic": "orders", "count": 3, "act": {"fail": "NOT_LEADER_OR_FOLLOWER"}},
///      {"api": "Produce", "after": 10, "count": 1, "act": {"lie": "lostAcknowledgement"}},
///      {"api": "Fetch", "probability": 0.1, "delay": "200ms"}]
public struct FaultPlan: Sendable, Equatable, ExpressibleByArrayLiteral {
    public var rules: [FaultRule]

    public init(_ rules: [FaultRule] = []) {
        self.rules = rules
    }

    public init(arrayLiteral rules: FaultRule...) {
        self.rules = rules
    }
}
