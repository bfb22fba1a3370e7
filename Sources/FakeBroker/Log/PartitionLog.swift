internal import DequeModule
internal import KafkaProtocol
internal import NIOCore

/// The records of one partition, as batches in segments.
///
/// Gives out offsets and finds batches by offset and by time. It never opens a batch on the way in or out; who may
/// append, and what is valid, is decided before (``Partition/append(_:_:)``).
struct PartitionLog: Sendable {
    /// One fetch gets the batches of several segments only up to here, for they have to be copied together. A single
    /// segment is handed out as it is.
    static let joinedBytes = 64 * 1024

    var segments: Deque<Segment> = []
    var epochs = LeaderEpochs()
    /// The first offset that can be read.
    var startOffset: Int64 = 0
    /// The offset that the next record gets. All replicas are this log, so it is the high watermark too.
    var endOffset: Int64 = 0
    var sizeInBytes = 0
    /// How often the log was rewritten.
    private(set) var generation = 0

    /// Appends a checked batch and returns its base offset.
    ///
    /// - Parameter segmentBytes: where a segment of small batches ends, if before its own limit.
    mutating func append(
        _ header: RecordBatch, _ bytes: consuming ByteBuffer, leaderEpoch: Int32, segmentBytes: Int = .max
    ) -> Int64 {
        var batch = header
        batch.baseOffset = endOffset
        epochs.appended(leaderEpoch, at: endOffset)
        sizeInBytes += batch.sizeInBytes
        endOffset = batch.nextOffset
        guard batch.sizeInBytes >= Segment.largeBatchBytes else {
            appendSmall(batch, bytes, leaderEpoch: leaderEpoch, segmentBytes: segmentBytes)
            return batch.baseOffset
        }
        closeLastSegment()
        // The only owner by now, so the batch is written to where it lies.
        var own = consume bytes
        // A batch that is but a part of its frame would keep all of the frame.
        if own.storageCapacity > 2 * batch.sizeInBytes { own = own.compacted() }
        own.setBaseOffset(batch.baseOffset, ofBatchAt: own.readerIndex)
        own.setPartitionLeaderEpoch(leaderEpoch, ofBatchAt: own.readerIndex)
        segments.append(Segment(large: own, batch))
        return batch.baseOffset
    }

    private mutating func appendSmall(
        _ batch: RecordBatch, _ bytes: ByteBuffer, leaderEpoch: Int32, segmentBytes: Int
    ) {
        if segments.last?.hasRoom(for: batch, limit: segmentBytes) != true {
            closeLastSegment()
            segments.append(Segment(openAt: batch.baseOffset))
        }
        segments[segments.count - 1].append(batch, bytes, leaderEpoch: leaderEpoch)
    }

    private mutating func closeLastSegment() {
        guard !segments.isEmpty else { return }
        segments[segments.count - 1].close()
    }

    // MARK: Reading

    /// Whole batches, the first being the one that holds `offset`.
    ///
    /// - Parameters:
    ///   - limit: batches from this offset on are not returned.
    ///   - atLeastOne: one batch is returned even if it is longer than `maxBytes`.
    func read(from offset: Int64, before limit: Int64 = .max, maxBytes: Int, atLeastOne: Bool) -> ByteBuffer {
        guard startOffset..<endOffset ~= offset, offset < limit else { return ByteBuffer() }
        var position = max(0, segments.partitioningIndex { $0.baseOffset > offset } - 1)
        // Compaction leaves gaps: what follows the offset may begin in the next segment.
        if position < segments.count, segments[position].nextOffset <= offset { position += 1 }
        guard position < segments.count else { return ByteBuffer() }
        let first = segments[position].batches(
            from: offset, before: limit, maxBytes: maxBytes, atLeastOne: atLeastOne)
        var joined = ByteBuffer()
        if segments[position].isOpen {
            // Its memory will be written to; sharing it would make the next append copy all of it.
            joined.writeImmutableBuffer(first.bytes)
            return joined
        }
        let bytesLimit = min(maxBytes, Self.joinedBytes)
        var last = first
        while last.reachesEnd, position + 1 < segments.count {
            position += 1
            let bytesSoFar = max(first.bytes.readableBytes, joined.readableBytes)
            last = segments[position].batches(
                from: segments[position].baseOffset, before: limit, maxBytes: bytesLimit - bytesSoFar,
                atLeastOne: false)
            guard last.bytes.readableBytes > 0 else { break }
            if joined.readableBytes == 0 { joined.writeImmutableBuffer(first.bytes) }
            joined.writeImmutableBuffer(last.bytes)
        }
        return joined.readableBytes == 0 ? first.bytes : joined
    }

    func forEachBatch(_ body: (RecordBatch, ByteBuffer) -> Void) {
        for segment in segments { segment.forEachBatch(body) }
    }

    /// Bytes of the batches that end before the offset or there.
    func sizeInBytes(before offset: Int64) -> Int {
        var size = 0
        forEachBatch { batch, _ in if batch.nextOffset <= offset { size += batch.sizeInBytes } }
        return size
    }

    /// The log holds these batches instead, which keep their offsets and leader epochs.
    mutating func replaceBatches(with batches: [ByteBuffer]) {
        segments = []
        sizeInBytes = 0
        generation += 1
        for bytes in batches {
            guard let batch = try? RecordBatch(headerOf: bytes) else { continue }
            sizeInBytes += batch.sizeInBytes
            if segments.last?.hasRoom(for: batch, limit: .max) != true {
                closeLastSegment()
                segments.append(Segment(openAt: batch.baseOffset))
            }
            segments[segments.count - 1].append(batch, bytes, leaderEpoch: batch.partitionLeaderEpoch)
        }
    }

    // MARK: Finding by time

    /// The base offset of the first batch with a record later than `timestamp`.
    func firstOffset(after timestamp: Int64) -> Int64? {
        for segment in segments where segment.maxTimestamp > timestamp {
            if let found = segment.firstBatch(where: { $0.maxTimestamp > timestamp }) { return found.batch.baseOffset }
        }
        return nil
    }

    struct TimestampedOffset: Equatable, Sendable {
        var offset: Int64
        var timestamp: Int64
    }

    /// The first record that is not older than `timestamp`.
    func firstRecord(notBefore timestamp: Int64) -> TimestampedOffset? {
        for segment in segments where segment.maxTimestamp >= timestamp {
            // Markers are no records, and what lies before the start is gone.
            let found = segment.firstBatch {
                $0.maxTimestamp >= timestamp && !$0.attributes.isControl && $0.nextOffset > startOffset
            }
            if let found, let record = firstRecord(notBefore: timestamp, in: found.batch, found.bytes) {
                return record
            }
        }
        return nil
    }

    /// The earliest of the records with the greatest timestamp.
    func recordWithGreatestTimestamp() -> TimestampedOffset? {
        var greatest: Int64 = -1
        // A segment that lost its first records does not know the greatest time of the others.
        for segment in segments where segment.maxTimestamp > greatest {
            segment.forEachBatch { batch, _ in
                if !batch.attributes.isControl, batch.nextOffset > startOffset {
                    greatest = max(greatest, batch.maxTimestamp)
                }
            }
        }
        return greatest < 0 ? nil : firstRecord(notBefore: greatest)
    }

    /// Of a batch that cannot be opened only the bounds are known: its first record then stands for all.
    private func firstRecord(notBefore timestamp: Int64, in batch: RecordBatch, _ bytes: ByteBuffer)
        -> TimestampedOffset?
    {
        guard var reader = try? RecordBatchReader(opening: batch, bytes) else {
            return TimestampedOffset(offset: max(batch.baseOffset, startOffset), timestamp: batch.maxTimestamp)
        }
        while let record = try? reader.next() {
            if record.timestampMs >= timestamp, record.offset >= startOffset {
                return TimestampedOffset(offset: record.offset, timestamp: record.timestampMs)
            }
        }
        return nil
    }
}
