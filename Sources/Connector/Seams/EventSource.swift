// The seam towards any source of events: Kafka first, RabbitMQ and AWS SNS after.
//
// Kafka acknowledges cumulatively and can pause; RabbitMQ acknowledges one by one against credit; SNS pushes, its
// HTTP reply is the acknowledgement, and it cannot pause. Pulling bounded batches and settling events fits all three.

/// What a source can do; the connector and the conformance suite ask before they rely on it.
public struct SourceCapabilities: Equatable, Sendable {
    /// How the source takes an acknowledgement.
    public enum Settlement: Equatable, Sendable {
        /// It takes none.
        case none
        /// Only before the event is handled (SNS answered at once, AMQP without acknowledgement).
        case beforeOnly
        /// Each event by itself (RabbitMQ, SNS).
        case individual
        /// Everything up to a position of a partition (Kafka).
        case cumulative
    }

    public var settlement: Settlement
    /// Whether it can hold back events without losing its place.
    public var canPause: Bool
    public var hasDeadLetters: Bool
    public var canDelay: Bool

    public init(settlement: Settlement, canPause: Bool, hasDeadLetters: Bool = false, canDelay: Bool = false) {
        self.settlement = settlement
        self.canPause = canPause
        self.hasDeadLetters = hasDeadLetters
        self.canDelay = canDelay
    }
}

/// What became of one event. Each event is settled once; a second settlement is counted and ignored.
public enum Verdict: Equatable, Sendable {
    case accept
    case retry(after: Duration)
    case reject(reason: String)
}

/// A verdict on its way back to the source, with the epoch under which the event was handed out.
public struct Settlement: Equatable, Sendable {
    public var id: EventID
    public var epoch: Epoch
    public var verdict: Verdict

    public init(_ event: Event, _ verdict: Verdict) {
        id = event.id
        epoch = event.epoch
        self.verdict = verdict
    }
}

/// What `acknowledge` achieved for a batch.
public struct Acknowledgement: Sendable {
    /// The events that are acknowledged for good, in the order of the batch: these may be handed over.
    public var acknowledged: [Event]
    /// Those that are not, by reason (`revoked`, `fenced`, …): the source gives them to whoever owns them now.
    public var refused: [(reason: String, events: Int)]

    public init(acknowledged: [Event], refused: [(reason: String, events: Int)] = []) {
        self.acknowledged = acknowledged
        self.refused = refused
    }
}

/// What a source tells while it runs. Calls come from the task that called the source, or from the source's own
/// thread; they must return at once.
public enum SourceNotice: Equatable, Sendable {
    case connected(to: String)
    case disconnected(reason: String)
    /// The partitions held now, after a change; sorted by topic and partition.
    case rebalanced(assigned: [SourcePartition], epoch: Epoch)
    /// A failure that the source is getting over by itself.
    case transientFailure(String)
    /// A settlement that came too late or twice, and was ignored.
    case settlementIgnored(EventID, reason: String)
}

/// A part of a topic that is assigned as a whole.
public struct SourcePartition: Hashable, Comparable, Sendable, CustomStringConvertible {
    public var topic: String
    public var partition: Int32

    public init(topic: String, partition: Int32) {
        self.topic = topic
        self.partition = partition
    }

    public static func < (left: SourcePartition, right: SourcePartition) -> Bool {
        (left.topic, left.partition) < (right.topic, right.partition)
    }

    public var description: String { "\(topic)/\(partition)" }
}

/// A stream of events that the connector pulls.
///
/// Life: `start`, then `next` until it returns `nil`, then `close`. Between them `acknowledge` and `settle`.
/// A lost connection is the source's own to mend: it backs off with jitter and stays alive. What `next` and `start`
/// throw ends the connector: only configuration, authorization and programming errors.
public protocol EventSource: Sendable {
    /// Kind of the source, in lower case: `kafka`.
    var kind: String { get }
    var capabilities: SourceCapabilities { get }
    /// Every name that an attribute of its events may have. No header of a record takes one of them, whether the event
    /// at hand has that attribute or not. Default: none.
    var attributeNames: [String] { get }

    /// Subscribes to `topics` and begins to connect. Returns without waiting for an assignment: a broker that is down
    /// is a transient failure.
    ///
    /// - Parameter notices: Called for everything in `SourceNotice`.
    func start(topics: [String], notices: @escaping @Sendable (SourceNotice) -> Void) async throws

    /// Waits for events and returns at least one and at most `limit` of them, in the source's order within a
    /// partition. Returns `nil` once the source was drained or closed. While nobody waits here, the source holds
    /// events back rather than buffer them. Cancelling the task ends the wait with `nil`.
    func next(limit: Int) async throws -> [Event]?

    /// Acknowledges a whole batch *before* it is handed over: at most once. When this returns, neither a crash nor a
    /// rebalance delivers the acknowledged events again. A failure that passes is retried here for as long as the
    /// events are still this source's; an unknown outcome counts as a failure. Events that the source does not hold
    /// any more (see `holds`) are refused.
    func acknowledge(_ batch: [Event]) async -> Acknowledgement

    /// Settles events *after* they were handled: at least once. A cumulative source acknowledges the contiguous
    /// prefix of each partition. A settlement from an earlier epoch is a counted no-op.
    func settle(_ settlements: [Settlement]) async

    /// Whether the event's partition has stayed with this source since the event was handed out. Cheap; asked before
    /// each call of a function. At least once, an event whose partition went away is its next owner's to handle.
    func holds(_ event: Event) -> Bool

    /// Holds back partitions: when this returns, `next` returns nothing of them any more. Not called unless
    /// `capabilities.canPause`. A rebalance forgets it. Pauses and resumes take effect in the order of the calls.
    func pause(_ partitions: [SourcePartition]) async

    /// Lets paused partitions go on from where they stopped.
    func resume(_ partitions: [SourcePartition]) async

    /// Changes the subscription while the source runs.
    func subscribe(to topics: [String]) async throws

    /// Stops taking new events; a waiting `next` returns `nil`.
    func drain() async

    /// Leaves the source for good. Idempotent; nothing comes after it.
    func close() async
}

extension EventSource {
    public var attributeNames: [String] { [] }
}
