internal import KafkaProtocol

/// What a partition remembers of each idempotent producer, to tell a repeated batch from a lost one.
///
/// Decides whether a batch is new, a duplicate or out of order. Holds no records.
///
/// Source: KIP-98 and KIP-360; five batches a producer as in Kafka, since a client may have five requests in flight.
struct ProducerStates: Sendable {
    /// Who wrote a batch, and which of its records it is.
    struct Stamp: Equatable, Sendable {
        var producerID: Int64
        var epoch: Int16
        var firstSequence: Int32
        var lastSequence: Int32
    }

    enum Verdict: Equatable, Sendable {
        case append
        /// Was written before, at this base offset: answered as if it had been written now.
        case duplicate(baseOffset: Int64)
        case refuse(ErrorCode)
    }

    private struct Producer: Sendable {
        var epoch: Int16
        /// The latest batches of the epoch, oldest first.
        var batches: [Batch] = []
    }

    private struct Batch: Sendable {
        var firstSequence: Int32
        var lastSequence: Int32
        var baseOffset: Int64
    }

    static let batchesKept = 5

    /// For look-ups only.
    private var producers: [Int64: Producer] = [:]

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
        guard let last = producer.batches.last else { return .append }
        return stamp.firstSequence == Self.next(after: last.lastSequence)
            ? .append : .refuse(.outOfOrderSequenceNumber)
    }

    mutating func appended(_ stamp: Stamp, baseOffset: Int64) {
        var producer = producers.removeValue(forKey: stamp.producerID) ?? Producer(epoch: stamp.epoch)
        if producer.epoch != stamp.epoch { producer = Producer(epoch: stamp.epoch) }
        if producer.batches.count == Self.batchesKept { producer.batches.removeFirst() }
        producer.batches.append(
            Batch(firstSequence: stamp.firstSequence, lastSequence: stamp.lastSequence, baseOffset: baseOffset))
        producers[stamp.producerID] = producer
    }

    /// Sequence numbers begin again at 0 after the greatest.
    static func next(after sequence: Int32) -> Int32 {
        sequence == .max ? 0 : sequence + 1
    }
}
