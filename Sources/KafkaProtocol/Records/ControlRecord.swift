package import NIOCore

/// The marker that ends a transaction in a partition: a control batch of one record (KIP-98).
///
/// Consumers skip it, but it takes an offset.
package struct ControlRecord: Equatable, Sendable {
    package enum Kind: Int16, Sendable {
        case abort = 0
        case commit = 1
    }

    package var kind: Kind
    package var coordinatorEpoch: Int32

    package init(_ kind: Kind, coordinatorEpoch: Int32) {
        self.kind = kind
        self.coordinatorEpoch = coordinatorEpoch
    }

    /// Nil for a marker of another kind, such as those that a Raft leader writes.
    package init?(_ record: Record) throws(WireError) {
        guard let key = record.key,
            let (version, type) = key.getMultipleIntegers(
                at: key.readerIndex, as: (Int16, Int16).self)
        else { throw RecordBatch.error("Key", 0, .truncated(needed: 4, left: record.key?.readableBytes ?? 0)) }
        guard version >= 0 else { throw RecordBatch.error("Key", 0, .malformed("control record version \(version)")) }
        guard let kind = Kind(rawValue: type) else { return nil }
        guard let value = record.value,
            let (valueVersion, epoch) = value.getMultipleIntegers(
                at: value.readerIndex, as: (Int16, Int32).self)
        else { throw RecordBatch.error("Value", 0, .truncated(needed: 6, left: record.value?.readableBytes ?? 0)) }
        guard valueVersion >= 0 else {
            throw RecordBatch.error("Value", 0, .malformed("end transaction marker version \(valueVersion)"))
        }
        self.init(kind, coordinatorEpoch: epoch)
    }

    /// The batch to append, at offset 0 until the log gives it one.
    package func batch(producerID: Int64, producerEpoch: Int16, timestampMs: Int64) -> ByteBuffer {
        var builder = RecordBatchBuilder()
        builder.attributes.isTransactional = true
        builder.attributes.isControl = true
        builder.producerID = producerID
        builder.producerEpoch = producerEpoch
        var key = ByteBuffer()
        key.writeMultipleIntegers(0 as Int16, kind.rawValue)
        var value = ByteBuffer()
        value.writeMultipleIntegers(0 as Int16, coordinatorEpoch)
        builder.append(key: key, value: value, timestampMs: timestampMs)
        return builder.build()
    }
}
