// All that decides a run of the whole system, as data: what a seed draws, what a file holds, what is made smaller.

import Connector
public import Simulation

/// One schedule of the whole system. The same plan gives the same run.
public struct SystemPlan: Codable, Equatable, Sendable {
    /// Decides the order of jobs, every latency, and whatever else is drawn while the plan runs.
    public var seed: UInt64
    public var brokers = 1
    /// Partitions of each topic. Topics are called `t0`, `t1`, ….
    public var partitions = [2]
    /// Replicas of the connector, members of one group.
    public var replicas = 2
    /// Called `f0`, `f1`, ….
    public var functions: [FunctionPlan] = []
    public var messages: [MessagePlan] = []
    /// What the messages' values are made of.
    public var values = ValuePlan(seed: 0)
    public var faults: [PlannedFault<SystemFault>] = []
    public var settings = SystemSettings()

    /// A system in which nothing happens, to be filled.
    public init(emptyWithSeed seed: UInt64) { self.seed = seed }

    /// The partitions of all topics, one after the other.
    var allPartitions: Int { partitions.reduce(0, +) }

    /// When the last message is sent and the last fault is over, in milliseconds.
    var activeMilliseconds: Int {
        max(messages.map(\.atMilliseconds).max() ?? 0, faults.map(\.end).max() ?? 0)
    }
}

public struct FunctionPlan: Codable, Equatable, Sendable {
    /// Indexes of the topics that it is annotated with.
    public var topics: [Int]
    public var minLatencyMilliseconds = 1
    public var maxLatencyMilliseconds = 20
    /// Of 100 calls, how many it answers with 500.
    public var failurePercent = 0
    /// The annotation `com.openfaas.connector.max_in_flight`.
    public var maxInFlight: Int?

    public init(topics: [Int]) { self.topics = topics }
}

public struct MessagePlan: Codable, Equatable, Sendable {
    /// Counts the messages of a run, from 0; it stays when others are left out, for the value goes by it.
    public var sequence: Int
    public var atMilliseconds: Int
    public var topic: Int
    public var partition: Int
    /// Messages with one key share a lane where the ordering is by key; `nil` has no key.
    public var key: String?

    public init(sequence: Int, atMilliseconds: Int, topic: Int, partition: Int, key: String? = nil) {
        self.sequence = sequence
        self.atMilliseconds = atMilliseconds
        self.topic = topic
        self.partition = partition
        self.key = key
    }
}

/// How connector, client and gateway are set up. Times are short, so that much happens in little of virtual time.
public struct SystemSettings: Codable, Equatable, Sendable {
    public var atLeastOnce = false
    /// `partition`, `key` or `none`.
    public var ordering = Ordering.partition.rawValue
    public var maxInFlight = 16
    public var rebuildMilliseconds = 2000
    public var drainMilliseconds = 5000
    public var retryAttempts = 3
    public var retryMinMilliseconds = 50
    public var retryMaxMilliseconds = 500
    public var upstreamTimeoutMilliseconds = 3000
    /// librdkafka's `session.timeout.ms`, `heartbeat.interval.ms`, `socket.timeout.ms` and `max.poll.interval.ms`.
    public var sessionMilliseconds = 3000
    public var heartbeatMilliseconds = 1000
    public var requestTimeoutMilliseconds = 4000
    public var rebalanceMilliseconds = 6000
    /// `cooperative-sticky`, as the connector sets it; otherwise `range`.
    public var isCooperative = true
    /// librdkafka before 2.10: a commit that is refused for its generation costs all partitions (its issue 4059).
    public var losesAllOnIllegalGeneration = false
    /// After all is healed, lag must be gone within this. A seed adds what its calls take one by one.
    public var recoveryMilliseconds = 90_000

    public init() {}

    var connectorOrdering: Ordering { Ordering(rawValue: ordering) ?? .partition }
}
