internal import KafkaProtocol
internal import NIOCore

/// What became of a batch that a producer sent.
enum AppendResult: Equatable, Sendable {
    case appended(baseOffset: Int64)
    /// It was here already: answered in the same way, but nothing was added.
    case duplicate(baseOffset: Int64)
    case refused(ErrorCode, reason: String)
}

extension Partition {
    /// Checks what a producer sent for this partition, and appends it.
    ///
    /// As Kafka does from Produce version 3 on: exactly one batch of format 2 with a true checksum and agreeing counts,
    /// no control batch, and for an idempotent producer the next of its sequence numbers.
    mutating func append(
        _ records: consuming ByteBuffer?, allowsZstd: Bool, batchBytesLimit: Int
    ) -> AppendResult {
        guard let bytes = consume records, bytes.readableBytes > 0 else {
            return .refused(.invalidRecord, reason: "There is no record batch.")
        }
        let batch: RecordBatch
        do {
            batch = try Self.checked(bytes, allowsZstd: allowsZstd, batchBytesLimit: batchBytesLimit)
        } catch {
            return .refused(error.code, reason: error.reason)
        }
        guard batch.isIdempotent else {
            return .appended(baseOffset: log.append(batch, consume bytes, leaderEpoch: leaderEpoch))
        }
        let stamp = ProducerStates.Stamp(
            producerID: batch.producerID, epoch: batch.producerEpoch, firstSequence: batch.baseSequence,
            lastSequence: batch.lastSequence)
        switch producers.verdict(on: stamp) {
        case .append:
            let baseOffset = log.append(batch, consume bytes, leaderEpoch: leaderEpoch)
            producers.appended(stamp, baseOffset: baseOffset)
            return .appended(baseOffset: baseOffset)
        case .duplicate(let baseOffset):
            return .duplicate(baseOffset: baseOffset)
        case .refuse(let code):
            return .refused(code, reason: "Producer \(stamp.producerID), sequence \(stamp.firstSequence).")
        }
    }

    private struct Refusal: Error {
        var code: ErrorCode
        var reason: String
    }

    private static func checked(
        _ bytes: ByteBuffer, allowsZstd: Bool, batchBytesLimit: Int
    ) throws(Refusal) -> RecordBatch {
        let batch: RecordBatch
        do {
            batch = try RecordBatch(headerOf: bytes)
        } catch {
            throw Refusal(code: code(for: error), reason: "\(error)")
        }
        guard batch.sizeInBytes == bytes.readableBytes else {
            throw Refusal(code: .invalidRecord, reason: "There must be exactly one record batch a partition.")
        }
        guard batch.sizeInBytes <= batchBytesLimit else {
            throw Refusal(
                code: .messageTooLarge,
                reason: "The batch has \(batch.sizeInBytes) bytes; up to \(batchBytesLimit) are accepted.")
        }
        do {
            try batch.validate(bytes)
        } catch {
            throw Refusal(code: code(for: error), reason: "\(error)")
        }
        if batch.attributes.isControl {
            throw Refusal(code: .invalidRecord, reason: "Only a broker writes control batches.")
        }
        if batch.attributes.isTransactional {
            throw Refusal(code: .invalidTxnState, reason: "There are no transactions here.")
        }
        if batch.attributes.compression == .zstd, !allowsZstd {
            throw Refusal(code: .unsupportedCompressionType, reason: "zstd needs Produce version 7 or later.")
        }
        if batch.isIdempotent, batch.baseSequence < 0 {
            throw Refusal(code: .invalidRecord, reason: "An idempotent batch must have a sequence number.")
        }
        return batch
    }

    private static func code(for error: WireError) -> ErrorCode {
        switch error.reason {
        case .truncated, .badChecksum: .corruptMessage
        case .malformed where error.field == "Attributes": .unsupportedCompressionType
        default: .invalidRecord
        }
    }
}
