internal import KafkaProtocol
internal import OrderedCollections

/// All transactional ids of a cluster, in the order of their first producer, and the producer ids given out.
struct Transactions: Sendable {
    private var byID: OrderedDictionary<String, Transaction> = [:]
    private(set) var nextProducerID: Int64 = 1000
    /// The earliest timer set for each id; for look-ups only.
    private var timers: [String: Duration] = [:]
    /// How long an id is remembered that nobody uses.
    let expiration: Duration
    /// The ids of which something has changed since somebody asked, if it is noted.
    private(set) var changes: OrderedSet<String> = []
    private var isNoting = false
    /// What offsets wait for the end of transactions.
    var offsets = PendingOffsets()

    init(expiration: Duration) {
        self.expiration = expiration
    }

    var all: some Sequence<Transaction> { byID.values }
    var ids: [String] { Array(byID.keys) }
    var count: Int { byID.count }

    subscript(id: String) -> Transaction? {
        _read { yield byID[id] }
        _modify {
            note(id)
            yield &byID[id]
        }
    }

    mutating func startNoting() {
        isNoting = true
        changes = []
    }

    mutating func takeChanges() -> [String] {
        defer { changes = [] }
        return Array(changes)
    }

    /// Something has changed, or will.
    mutating func note(_ id: String) {
        if isNoting { changes.append(id) }
    }

    mutating func makeProducerID() -> Int64 {
        defer { nextProducerID += 1 }
        return nextProducerID
    }

    /// Ids before this one were given out by an earlier process.
    mutating func reserveProducerIDs(before id: Int64) {
        nextProducerID = max(nextProducerID, id)
    }

    mutating func begin(
        _ id: String, expected: ProducerIdentity?, timeout: Duration, now: Duration
    ) -> Transaction.Beginning {
        var transaction = byID[id] ?? Transaction(id: id, producerID: makeProducerID(), now: now)
        let beginning = transaction.begin(
            expected: expected, timeout: timeout, freshID: { makeProducerID() }, now: now)
        self[id] = transaction
        return beginning
    }

    mutating func end(
        _ id: String, _ kind: ControlRecord.Kind, by producer: ProducerIdentity, bumpsEpoch: Bool, now: Duration
    ) -> Transaction.End {
        guard var transaction = byID[id] else { return .refused(.invalidProducerIDMapping) }
        let end = transaction.end(
            kind, by: producer, bumpsEpoch: bumpsEpoch, freshID: { makeProducerID() }, now: now)
        self[id] = transaction
        return end
    }

    mutating func forget(topic: String) {
        for id in ids { self[id]?.forget(topic: topic) }
        offsets.forget(topic: topic)
    }

    mutating func remove(_ id: String) {
        self[id] = nil
    }

    // MARK: Time

    /// When something is to be done about an id; nil if it is not known.
    func deadline(_ id: String, markerDelay: Duration) -> Duration? {
        guard let transaction = byID[id] else { return nil }
        if transaction.ending != nil { return transaction.lastChange + markerDelay }
        return transaction.deadline ?? (transaction.lastChange + expiration)
    }

    /// The deadline for which an id needs a timer; nil if it has an early enough one.
    mutating func deadlineWithoutTimer(_ id: String, markerDelay: Duration) -> Duration? {
        guard let deadline = deadline(id, markerDelay: markerDelay) else { return nil }
        if let earlier = timers[id], earlier <= deadline { return nil }
        timers[id] = deadline
        return deadline
    }

    mutating func timerFired(_ id: String) {
        timers[id] = nil
    }
}
