internal import KafkaProtocol
internal import OrderedCollections

/// What a partition remembers of each idempotent producer, to tell a repeated batch from a lost one, and which of them
/// have a transaction open here.
///
/// Decides whether a batch is new, a duplicate or out of order. Holds no records.
///
/// Source: KIP-98, KIP-360 and KIP-890; five batches a producer as in Kafka, since a client may have five requests in
/// flight.
struct ProducerStates: Sendable {
    /// Who wrote a batch, and which of its records it is.
    struct Stamp: Equatable, Sendable {
        var producerID: Int64
        var epoch: Int16
        var firstSequence: Int32
        var lastSequence: Int32
        var isTransactional = false
    }

    enum Verdict: Equatable, Sendable {
        case append
        /// Was written before, at this base offset: answered as if it had been written now.
        case duplicate(baseOffset: Int64)
        case refuse(ErrorCode)
    }

    struct Producer: Sendable {
        var epoch: Int16
        /// The latest batches of the epoch, oldest first.
        fileprivate var batches: [Batch] = []
        /// Milliseconds since 1970.
        var lastTimestamp: Int64 = -1
        /// Of the latest marker; -1 before the first.
        var coordinatorEpoch: Int32 = -1
        /// Counts what was written before, to find whoever has been silent for longest.
        fileprivate var lastUse: UInt64 = 0

        /// -1 if the epoch has written nothing.
        var lastSequence: Int32 { batches.last?.lastSequence ?? RecordBatch.noSequence }
    }

    fileprivate struct Batch: Sendable {
        var firstSequence: Int32
        var lastSequence: Int32
        var baseOffset: Int64
    }

    static let batchesKept = 5
    /// Kafka forgets a producer that has written nothing for a day. Here the silent ones are forgotten when there are
    /// more than this; those with a transaction open stay.
    static let producersKept = 10_000

    /// For look-ups only.
    private var producers: [Int64: Producer] = [:]
    /// By producer, the first offset of its open transaction; in the order of the offsets.
    private var open: OrderedDictionary<Int64, Int64> = [:]
    private var uses: UInt64 = 0

    /// By their ids.
    var all: [(id: Int64, producer: Producer)] {
        producers.map { (id: $0.key, producer: $0.value) }.sorted { $0.id < $1.id }
    }

    /// Where the earliest of the open transactions begins.
    var firstOpenOffset: Int64? { open.values.first }

    func openOffset(of producerID: Int64) -> Int64? { open[producerID] }

    // MARK: Records

    func verdict(on stamp: Stamp) -> Verdict {
        // A producer that is not known may begin anywhere: its earlier records may have been deleted.
        guard let producer = producers[stamp.producerID] else { return .append }
        if stamp.epoch < producer.epoch { return .refuse(.invalidProducerEpoch) }
        if stamp.epoch > producer.epoch {
            return stamp.firstSequence == 0 ? .append : .refuse(.outOfOrderSequenceNumber)
        }
        for batch in producer.batches
        where batch.firstSequence == stamp.firstSequence && batch.lastSequence == stamp.lastSequence {
            return .duplicate(baseOffset: batch.baseOffset)
        }
        if !stamp.isTransactional, open[stamp.producerID] != nil { return .refuse(.invalidTxnState) }
        let expected = producer.batches.last.map { Self.next(after: $0.lastSequence) } ?? 0
        return stamp.firstSequence == expected ? .append : .refuse(.outOfOrderSequenceNumber)
    }

    mutating func appended(_ stamp: Stamp, baseOffset: Int64, timestamp: Int64) {
        var producer = producers.removeValue(forKey: stamp.producerID) ?? Producer(epoch: stamp.epoch)
        if producer.epoch != stamp.epoch {
            producer.epoch = stamp.epoch
            producer.batches = []
        }
        if producer.batches.count == Self.batchesKept { producer.batches.removeFirst() }
        producer.batches.append(
            Batch(firstSequence: stamp.firstSequence, lastSequence: stamp.lastSequence, baseOffset: baseOffset))
        producer.lastTimestamp = timestamp
        keep(producer, stamp.producerID)
        if stamp.isTransactional, open[stamp.producerID] == nil { open[stamp.producerID] = baseOffset }
    }

    private mutating func keep(_ producer: Producer, _ id: Int64) {
        uses += 1
        producers[id] = producer
        producers[id]?.lastUse = uses
        guard producers.count > Self.producersKept else { return }
        let silent = producers.filter { open[$0.key] == nil }.sorted { $0.value.lastUse < $1.value.lastUse }
        // Many at once, so that the next is found without a search.
        for (id, _) in silent.prefix(Self.producersKept / 2) { producers[id] = nil }
    }

    /// Sequence numbers begin again at 0 after the greatest.
    static func next(after sequence: Int32) -> Int32 {
        sequence == .max ? 0 : sequence + 1
    }

    // MARK: Markers

    /// May this producer's transaction be ended by a coordinator of this epoch?
    ///
    /// - Parameter isNextEpoch: whether every end bumps the epoch (version 2), so that one seen before is too old.
    func checkMarker(_ producer: ProducerIdentity, coordinatorEpoch: Int32, isNextEpoch: Bool) -> ErrorCode {
        guard let known = producers[producer.id] else { return .none }
        guard producer.epoch > known.epoch || (producer.epoch == known.epoch && !isNextEpoch) else {
            return .invalidProducerEpoch
        }
        return coordinatorEpoch < known.coordinatorEpoch ? .transactionCoordinatorFenced : .none
    }

    /// A marker has been written. Returns where the transaction began that it ends; nil if it had nothing here.
    mutating func ended(_ producer: ProducerIdentity, coordinatorEpoch: Int32, timestamp: Int64) -> Int64? {
        var known = producers[producer.id] ?? Producer(epoch: producer.epoch)
        if known.epoch != producer.epoch {
            known.epoch = producer.epoch
            known.batches = []
        }
        known.lastTimestamp = timestamp
        known.coordinatorEpoch = coordinatorEpoch
        keep(known, producer.id)
        return open.removeValue(forKey: producer.id)
    }
}
