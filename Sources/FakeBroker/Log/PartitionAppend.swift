internal import KafkaProtocol
internal import NIOCore

/// What became of a batch that a producer sent.
enum AppendResult: Equatable, Sendable {
    case appended(baseOffset: Int64)
    /// It was here already: answered in the same way, but nothing was added.
    case duplicate(baseOffset: Int64)
    case refused(ErrorCode, reason: String)
}

/// What a topic, and the request, ask of a batch.
struct AppendRules: Sendable {
    var allowsZstd = true
    var batchBytesLimit = Int.max
    /// Given to all records in place of their own time; milliseconds since 1970.
    var appendTime: Int64?
    /// Which times records may have of their own, in milliseconds since 1970.
    var timestamps = Int64.min...Int64.max
    /// Where a segment ends that gathers small batches.
    var segmentBytes = Int.max
    /// Whether every record must have a key, as compaction needs.
    var needsKeys = false
    /// Whether a batch that is part of a transaction is known to be part of one that is open.
    var isVerified = false
}

extension Partition {
    /// Checks what a producer sent for this partition, and appends it.
    ///
    /// As Kafka does from Produce version 3 on: exactly one batch of format 2 with a true checksum and agreeing counts,
    /// no control batch, and for an idempotent producer the next of its sequence numbers.
    mutating func append(_ records: consuming ByteBuffer?, _ rules: AppendRules) -> AppendResult {
        guard var bytes = consume records, bytes.readableBytes > 0 else {
            return .refused(.invalidRecord, reason: "There is no record batch.")
        }
        var batch: RecordBatch
        let isTimeMissing: Bool
        do {
            (batch, isTimeMissing) = try Self.checked(bytes, rules)
        } catch {
            return .refused(error.code, reason: error.reason)
        }
        let stamp = ProducerStates.Stamp(
            producerID: batch.producerID, epoch: batch.producerEpoch, firstSequence: batch.baseSequence,
            lastSequence: batch.lastSequence, isTransactional: batch.attributes.isTransactional)
        if batch.isIdempotent {
            switch producers.verdict(on: stamp) {
            case .append: break
            case .duplicate(let baseOffset): return .duplicate(baseOffset: baseOffset)
            case .refuse(let code):
                return .refused(
                    code,
                    reason: "Producer \(stamp.producerID), epoch \(stamp.epoch), sequence \(stamp.firstSequence).")
            }
        }
        if stamp.isTransactional, !rules.isVerified {
            return .refused(.invalidTxnState, reason: "The batch is not part of an open transaction.")
        }
        if let time = rules.appendTime {
            bytes.setLogAppendTime(time, of: batch, at: bytes.readerIndex)
            batch.attributes.isLogAppendTime = true
            batch.maxTimestamp = time
        } else if isTimeMissing {
            bytes.setMaxTimestamp(batch.maxTimestamp, of: batch, at: bytes.readerIndex)
        }
        let baseOffset = log.append(
            batch, consume bytes, leaderEpoch: leaderEpoch, segmentBytes: rules.segmentBytes)
        if batch.isIdempotent {
            producers.appended(stamp, baseOffset: baseOffset, timestamp: batch.maxTimestamp)
        }
        return .appended(baseOffset: baseOffset)
    }

    /// Appends the marker that ends a producer's transaction. Whether it may has been checked.
    mutating func appendMarker(
        _ kind: ControlRecord.Kind, _ marker: ByteBuffer, producer: ProducerIdentity, coordinatorEpoch: Int32,
        timestamp: Int64
    ) {
        // Our own, so it can be read.
        guard let batch = try? RecordBatch(headerOf: marker) else { return }
        let offset = log.append(batch, marker, leaderEpoch: leaderEpoch)
        let first = producers.ended(producer, coordinatorEpoch: coordinatorEpoch, timestamp: timestamp)
        if kind == .abort, let first {
            aborted.append(.init(producerID: producer.id, firstOffset: first, lastOffset: offset))
        }
    }

    private struct Refusal: Error {
        var code: ErrorCode
        var reason: String
    }

    /// The batch, with its latest time, and whether that is missing in the bytes.
    private static func checked(
        _ bytes: ByteBuffer, _ rules: AppendRules
    ) throws(Refusal) -> (RecordBatch, isTimeMissing: Bool) {
        var batch: RecordBatch
        do {
            batch = try RecordBatch(headerOf: bytes)
        } catch {
            throw Refusal(code: code(for: error), reason: "\(error)")
        }
        guard batch.sizeInBytes == bytes.readableBytes else {
            throw Refusal(code: .invalidRecord, reason: "There must be exactly one record batch a partition.")
        }
        guard batch.sizeInBytes <= rules.batchBytesLimit else {
            throw Refusal(
                code: .messageTooLarge,
                reason: "The batch has \(batch.sizeInBytes) bytes; up to \(rules.batchBytesLimit) are accepted.")
        }
        do {
            try batch.validate(bytes)
        } catch {
            throw Refusal(code: code(for: error), reason: "\(error)")
        }
        if batch.attributes.isControl {
            throw Refusal(code: .invalidRecord, reason: "Only a broker writes control batches.")
        }
        if batch.attributes.isTransactional, !batch.isIdempotent {
            throw Refusal(code: .invalidRecord, reason: "A transactional batch must have a producer id.")
        }
        if batch.attributes.compression == .zstd, !rules.allowsZstd {
            throw Refusal(code: .unsupportedCompressionType, reason: "zstd needs Produce version 7 or later.")
        }
        if batch.isIdempotent, batch.baseSequence < 0 {
            throw Refusal(code: .invalidRecord, reason: "An idempotent batch must have a sequence number.")
        }
        if rules.needsKeys, !hasKeys(batch, bytes) {
            throw Refusal(code: .invalidRecord, reason: "A compacted topic takes no record without a key.")
        }
        // As sarama's producers leave it; Kafka states it for them, or records would not be found by time.
        let isTimeMissing = batch.maxTimestamp < 0 && batch.baseTimestamp >= 0
        if isTimeMissing { batch.maxTimestamp = latestTimestamp(batch, bytes) }
        if rules.appendTime == nil, batch.maxTimestamp != -1, !rules.timestamps.contains(batch.maxTimestamp) {
            throw Refusal(
                code: .invalidTimestamp,
                reason: "Timestamp \(batch.maxTimestamp) is not within \(rules.timestamps.lowerBound) to "
                    + "\(rules.timestamps.upperBound), as the topic asks.")
        }
        return (batch, isTimeMissing)
    }

    /// Of what is compressed, the first record's.
    private static func latestTimestamp(_ batch: RecordBatch, _ bytes: ByteBuffer) -> Int64 {
        var latest = batch.baseTimestamp
        guard var reader = try? RecordBatchReader(batch, bytes) else { return latest }
        while let record = try? reader.next() { latest = max(latest, record.timestampMs) }
        return latest
    }

    /// What is compressed is taken to have them.
    private static func hasKeys(_ batch: RecordBatch, _ bytes: ByteBuffer) -> Bool {
        guard var reader = try? RecordBatchReader(batch, bytes) else { return true }
        while let record = try? reader.next() {
            if record.key == nil { return false }
        }
        return true
    }

    private static func code(for error: WireError) -> ErrorCode {
        switch error.reason {
        case .truncated, .badChecksum: .corruptMessage
        case .malformed where error.field == "Attributes": .unsupportedCompressionType
        default: .invalidRecord
        }
    }
}
