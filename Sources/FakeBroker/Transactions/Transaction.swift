internal import KafkaProtocol
internal import OrderedCollections

/// A producer as a partition knows it: its id, and which of its lives.
struct ProducerIdentity: Hashable, Sendable {
    var id: Int64
    var epoch: Int16

    static let none = ProducerIdentity(id: RecordBatch.noProducerID, epoch: RecordBatch.noProducerEpoch)
}

/// What one transactional id is doing: who may write under it, and what its transaction has touched.
///
/// A value without I/O: each event is one method that takes the time and returns what came of it. It writes no
/// marker; whoever is told of a ``Transaction/Ending`` does, and says ``complete(now:)`` then.
///
/// Source: Kafka's transaction coordinator; KIP-98 (transactions), KIP-360 (an epoch bumped by its producer), KIP-890
/// (version 2: every end bumps the epoch, and partitions join without being asked for).
struct Transaction: Sendable {
    enum State: String, CaseIterable, Sendable {
        case empty = "Empty"
        case ongoing = "Ongoing"
        /// Decided; the markers are being written.
        case prepareCommit = "PrepareCommit"
        case prepareAbort = "PrepareAbort"
        case completeCommit = "CompleteCommit"
        case completeAbort = "CompleteAbort"
    }

    let id: String
    private(set) var producer: ProducerIdentity
    private(set) var state = State.empty
    private(set) var timeout: Duration = .zero
    private(set) var partitions: OrderedSet<TopicPartition> = []
    /// Whose offsets are committed with it.
    private(set) var groups: OrderedSet<String> = []
    /// When the transaction began; nil before the first.
    private(set) var started: ClusterTime?
    private(set) var lastChange: Duration

    /// Of the producer that asked last, so that its question may be repeated; -1 if others must not.
    private var lastEpoch = RecordBatch.noProducerEpoch
    /// The id before this one, whose epochs were used up.
    private var previousProducerID = RecordBatch.noProducerID
    /// What comes after the transaction under way, whose epochs are used up with it.
    private var nextProducerID = RecordBatch.noProducerID
    /// Whether the client ends transactions as of version 2.
    private var bumpsEpoch = false

    init(id: String, producerID: Int64, now: Duration) {
        self.id = id
        producer = ProducerIdentity(id: producerID, epoch: RecordBatch.noProducerEpoch)
        lastChange = now
    }

    /// How a transaction ends in the partitions and groups that it touched.
    struct Ending: Equatable, Sendable {
        var kind: ControlRecord.Kind
        /// As which the markers are written; its epoch shuts out the producer before, if that was bumped.
        var producer: ProducerIdentity
        var partitions: [TopicPartition]
        var groups: [String]
    }

    /// The markers that are to be written; nil unless it is ending.
    var ending: Ending? {
        guard state == .prepareCommit || state == .prepareAbort else { return nil }
        return Ending(
            kind: state == .prepareCommit ? .commit : .abort, producer: producer, partitions: Array(partitions),
            groups: Array(groups))
    }

    // MARK: Beginning

    enum Beginning: Equatable, Sendable {
        case ready(ProducerIdentity)
        /// A transaction is open: end it as ``Transaction/ending`` says, and have the client ask again.
        case mustEnd
        case refused(ErrorCode)
    }

    /// A producer says that it is the one from now on (InitProducerId).
    ///
    /// - Parameter expected: who it was, if it goes on after an error (KIP-360).
    mutating func begin(
        expected: ProducerIdentity?, timeout: Duration, freshID: () -> Int64, now: Duration
    ) -> Beginning {
        if let expected, !mayBe(expected) { return .refused(.producerFenced) }
        switch state {
        case .prepareCommit, .prepareAbort: return .refused(.concurrentTransactions)
        case .ongoing:
            fence(now: now)
            return .mustEnd
        case .empty, .completeCommit, .completeAbort: break
        }
        if isExhausted, expected == nil || expected?.epoch == producer.epoch {
            previousProducerID = producer.id
            lastEpoch = expected == nil ? RecordBatch.noProducerEpoch : producer.epoch
            producer = ProducerIdentity(id: freshID(), epoch: 0)
        } else if let expected, producer.epoch != RecordBatch.noProducerEpoch, expected.epoch != producer.epoch {
            // The answer to the same question was lost. Its epoch has been given out and to nobody else.
            guard expected.epoch == lastEpoch else { return .refused(.producerFenced) }
        } else {
            lastEpoch = expected == nil ? RecordBatch.noProducerEpoch : producer.epoch
            producer.epoch += 1
        }
        self.timeout = timeout
        state = .empty
        started = nil
        lastChange = now
        return .ready(producer)
    }

    private func mayBe(_ expected: ProducerIdentity) -> Bool {
        producer.epoch == RecordBatch.noProducerEpoch || expected.id == producer.id
            || (expected.id == previousProducerID && expected.epoch >= Self.lastUsableEpoch)
    }

    /// The greatest epoch is kept for shutting a producer out.
    private static let lastUsableEpoch = Int16.max - 1

    private var isExhausted: Bool { producer.epoch >= Self.lastUsableEpoch }

    // MARK: Adding

    /// Whether this is the producer that may write now.
    func check(_ asking: ProducerIdentity) -> ErrorCode {
        guard asking.id == producer.id else { return .invalidProducerIDMapping }
        guard asking.epoch == producer.epoch, asking.epoch <= Self.lastUsableEpoch else { return .producerFenced }
        return ending == nil ? .none : .concurrentTransactions
    }

    /// More becomes part of the transaction, which begins with it if none is open.
    mutating func add(
        partitions added: some Sequence<TopicPartition>, groups addedGroups: some Sequence<String>,
        by asking: ProducerIdentity, bumpsEpoch: Bool, now: ClusterTime
    ) -> ErrorCode {
        let error = check(asking)
        guard error == .none else { return error }
        if state != .ongoing {
            state = .ongoing
            started = now
        }
        self.bumpsEpoch = bumpsEpoch
        partitions.append(contentsOf: added)
        groups.append(contentsOf: addedGroups)
        lastChange = now.elapsed
        return .none
    }

    /// Whether what a producer writes to a partition is part of its transaction.
    func verify(_ partition: TopicPartition, by asking: ProducerIdentity) -> ErrorCode {
        let error = check(asking)
        guard error == .none else { return error }
        return partitions.contains(partition) ? .none : .transactionAbortable
    }

    /// As ``verify(_:by:)``, of offsets.
    func verify(group: String, by asking: ProducerIdentity) -> ErrorCode {
        let error = check(asking)
        guard error == .none else { return error }
        return groups.contains(group) ? .none : .transactionAbortable
    }

    /// The topic is gone.
    mutating func forget(topic: String) {
        partitions.removeAll { $0.topic == topic }
    }

    // MARK: Ending

    enum End: Equatable, Sendable {
        /// To be ended as ``Transaction/ending`` says; the producer goes on as this one.
        case begun(next: ProducerIdentity)
        /// Had been ended in this way before.
        case done(next: ProducerIdentity)
        case refused(ErrorCode)
    }

    /// The producer commits or aborts (EndTxn).
    ///
    /// - Parameter bumpsEpoch: whether it does so as of version 2.
    mutating func end(
        _ kind: ControlRecord.Kind, by asking: ProducerIdentity, bumpsEpoch: Bool, freshID: () -> Int64, now: Duration
    ) -> End {
        // Nobody was given that one.
        guard asking.epoch <= Self.lastUsableEpoch else { return .refused(.producerFenced) }
        // With version 2 the epoch tells a repeated question from the next one.
        let isRepeated =
            self.bumpsEpoch
            && ((asking.id == producer.id && Int32(asking.epoch) + 1 == Int32(producer.epoch))
                || (asking.id == previousProducerID && asking.epoch == Self.lastUsableEpoch && producer.epoch == 0))
        guard asking.id == producer.id || isRepeated else { return .refused(.invalidProducerIDMapping) }
        switch state {
        case .prepareCommit, .prepareAbort:
            guard isRepeated || (!self.bumpsEpoch && asking.epoch == producer.epoch) else {
                return .refused(.producerFenced)
            }
            return .refused(kind == ending?.kind ? .concurrentTransactions : .invalidTxnState)
        case .completeCommit, .completeAbort:
            guard isRepeated || asking.epoch == producer.epoch else { return .refused(.producerFenced) }
            let was: ControlRecord.Kind = state == .completeCommit ? .commit : .abort
            if isRepeated || !bumpsEpoch { return kind == was ? .done(next: producer) : .refused(.invalidTxnState) }
        case .empty:
            guard asking.epoch == producer.epoch else { return .refused(.producerFenced) }
            guard bumpsEpoch else { return .refused(.invalidTxnState) }
        case .ongoing:
            guard asking.epoch == producer.epoch else { return .refused(.producerFenced) }
            prepare(kind, bumpsEpoch: bumpsEpoch, freshID: freshID, now: now)
            return .begun(next: next)
        }
        // Nothing is open. With version 2 a client that does not know whether anything is may abort all the same.
        guard kind == .abort else { return .refused(.invalidTxnState) }
        prepare(.abort, bumpsEpoch: true, freshID: freshID, now: now)
        return .begun(next: next)
    }

    private mutating func prepare(
        _ kind: ControlRecord.Kind, bumpsEpoch: Bool, freshID: () -> Int64, now: Duration
    ) {
        self.bumpsEpoch = bumpsEpoch
        if bumpsEpoch {
            if isExhausted { nextProducerID = freshID() }
            lastEpoch = producer.epoch
            producer.epoch += 1
        }
        state = kind == .commit ? .prepareCommit : .prepareAbort
        lastChange = now
    }

    /// Who the producer is once the transaction that ends has ended.
    private var next: ProducerIdentity {
        nextProducerID == RecordBatch.noProducerID ? producer : ProducerIdentity(id: nextProducerID, epoch: 0)
    }

    /// Begins to abort, and shuts the producer out: another has come, or its time is over.
    private mutating func fence(now: Duration) {
        producer.epoch += 1
        lastEpoch = RecordBatch.noProducerEpoch
        bumpsEpoch = false
        state = .prepareAbort
        lastChange = now
    }

    /// Until when the transaction must have ended; nil if none is open.
    var deadline: Duration? {
        guard state == .ongoing, let started else { return nil }
        return started.elapsed + timeout
    }

    /// Returns whether it took too long, and is to be ended as ``Transaction/ending`` says.
    mutating func expire(now: Duration) -> Bool {
        guard let deadline, deadline <= now else { return false }
        fence(now: now)
        return true
    }

    /// All markers have been written.
    mutating func complete(now: Duration) {
        guard let kind = ending?.kind else { return }
        if nextProducerID != RecordBatch.noProducerID {
            previousProducerID = producer.id
            producer = next
            nextProducerID = RecordBatch.noProducerID
        }
        state = kind == .commit ? .completeCommit : .completeAbort
        partitions = []
        groups = []
        lastChange = now
    }
}

// MARK: - Kept

extension Transaction {
    /// What outlives a process; times are of the wall clock, in milliseconds.
    struct Stored: Equatable, Sendable {
        var id = ""
        var producer = ProducerIdentity.none
        /// Among all of them.
        var state = 0
        var timeoutMs: Int64 = 0
        var partitions: [TopicPartition] = []
        var groups: [String] = []
        /// -1 if it did not begin.
        var startedMs: Int64 = -1
        var lastChangeMs: Int64 = 0
        var lastEpoch = RecordBatch.noProducerEpoch
        var previousProducerID = RecordBatch.noProducerID
        var nextProducerID = RecordBatch.noProducerID
        var bumpsEpoch = false
    }

    func stored(now: ClusterTime) -> Stored {
        Stored(
            id: id, producer: producer, state: State.allCases.firstIndex(of: state) ?? 0,
            timeoutMs: timeout.wholeMilliseconds, partitions: Array(partitions), groups: Array(groups),
            startedMs: started?.wallMilliseconds ?? -1,
            lastChangeMs: now.wallMilliseconds - (now.elapsed - lastChange).wholeMilliseconds, lastEpoch: lastEpoch,
            previousProducerID: previousProducerID, nextProducerID: nextProducerID, bumpsEpoch: bumpsEpoch)
    }

    /// Nil if it is none that this version knows.
    init?(_ stored: Stored, now: ClusterTime) {
        guard State.allCases.indices.contains(stored.state) else { return nil }
        /// In the time of this process, which begins later: mostly before its start.
        func elapsed(_ wallMilliseconds: Int64) -> Duration {
            now.elapsed
                - .milliseconds(now.wallMilliseconds.subtractingReportingOverflow(wallMilliseconds).partialValue)
        }
        self.init(id: stored.id, producerID: stored.producer.id, now: elapsed(stored.lastChangeMs))
        producer = stored.producer
        state = State.allCases[stored.state]
        timeout = .milliseconds(stored.timeoutMs)
        partitions = OrderedSet(stored.partitions)
        groups = OrderedSet(stored.groups)
        if stored.startedMs >= 0 {
            started = ClusterTime(elapsed: elapsed(stored.startedMs), wallMilliseconds: stored.startedMs)
        }
        lastEpoch = stored.lastEpoch
        previousProducerID = stored.previousProducerID
        nextProducerID = stored.nextProducerID
        bumpsEpoch = stored.bumpsEpoch
    }
}
