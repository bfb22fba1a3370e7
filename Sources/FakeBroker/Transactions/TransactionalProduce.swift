internal import KafkaProtocol
internal import NIOCore

/// What a batch says of the transaction that it is part of; nil for a batch of none. The batch has not been checked.
struct TransactionalStamp: Sendable {
    let producer: ProducerIdentity
    fileprivate let stamp: ProducerStates.Stamp

    init?(_ records: ByteBuffer) {
        guard let batch = try? RecordBatch(headerOf: records), batch.attributes.isTransactional else { return nil }
        producer = ProducerIdentity(id: batch.producerID, epoch: batch.producerEpoch)
        stamp = ProducerStates.Stamp(
            producerID: batch.producerID, epoch: batch.producerEpoch, firstSequence: batch.baseSequence,
            lastSequence: batch.lastSequence, isTransactional: true)
    }
}

extension Cluster {
    /// Sees to it that what is written to a partition within a transaction is part of that: with version 2 it becomes
    /// so now, before that the producer must have said so (KIP-890).
    mutating func joinTransaction(
        _ id: String?, _ stamp: TransactionalStamp, _ partition: TopicPartition, _ context: RequestContext
    ) -> ErrorCode {
        guard let id else { return .transactionalIDAuthorizationFailed }
        let producers = topics[partition.topic]?.partitions[Int(partition.partition)].producers
        // What was written before is answered as it was then, even if the transaction has ended since.
        if case .duplicate = producers?.verdict(on: stamp.stamp) { return .none }
        let joins = context.joinsTransactions && features.level(of: "transaction.version") >= 2
        let error =
            joins
            ? addToTransaction(id, partitions: [partition], groups: [], by: stamp.producer, bumpsEpoch: true)
            : transactions[id]?.verify(partition, by: stamp.producer) ?? .invalidProducerIDMapping
        switch error {
        case .producerFenced: return .invalidProducerEpoch
        case .transactionAbortable where !context.knowsAbortable: return .invalidTxnState
        // Not all earlier clients try again after the true reason.
        case .concurrentTransactions where !joins: return .notEnoughReplicas
        default: return error
        }
    }
}

extension RequestContext {
    fileprivate var joinsTransactions: Bool { apiVersion >= 12 }
    fileprivate var knowsAbortable: Bool { apiVersion >= 11 }
}
