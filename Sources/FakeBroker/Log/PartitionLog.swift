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

    private var segments: Deque<Segment> = []
    /// The first offset that can be read.
    private(set) var startOffset: Int64 = 0
    /// The offset that the next record gets. All replicas are this log, so it is the high watermark too.
    private(set) var endOffset: Int64 = 0
    private(set) var sizeInBytes = 0

    /// Appends a checked batch and returns its base offset.
    mutating func append(_ header: RecordBatch, _ bytes: consuming ByteBuffer, leaderEpoch: Int32) -> Int64 {
        var batch = header
        batch.baseOffset = endOffset
        sizeInBytes += batch.sizeInBytes
        endOffset = batch.nextOffset
        guard batch.sizeInBytes >= Segment.largeBatchBytes else {
            appendSmall(batch, bytes, leaderEpoch: leaderEpoch)
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

    private mutating func appendSmall(_ batch: RecordBatch, _ bytes: ByteBuffer, leaderEpoch: Int32) {
        if segments.last?.hasRoom(for: batch) != true {
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
        var position = segments.partitioningIndex { $0.baseOffset > offset } - 1
        guard segments.indices.contains(position) else { return ByteBuffer() }
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

    // MARK: Finding by time

    struct TimestampedOffset: Equatable, Sendable {
        var offset: Int64
        var timestamp: Int64
    }

    /// The first record that is not older than `timestamp`.
    func firstRecord(notBefore timestamp: Int64) -> TimestampedOffset? {
        for segment in segments where segment.maxTimestamp >= timestamp {
            if let found = segment.firstBatch(where: { $0.maxTimestamp >= timestamp }) {
                return firstRecord(notBefore: timestamp, in: found.batch, found.bytes)
            }
        }
        return nil
    }

    /// The earliest of the records with the greatest timestamp.
    func recordWithGreatestTimestamp() -> TimestampedOffset? {
        guard let greatest = segments.lazy.map(\.maxTimestamp).max(), greatest >= 0 else { return nil }
        return firstRecord(notBefore: greatest)
    }

    /// In a batch that is compressed only its bounds are known: its first record then stands for all.
    private func firstRecord(notBefore timestamp: Int64, in batch: RecordBatch, _ bytes: ByteBuffer)
        -> TimestampedOffset
    {
        if var reader = try? RecordBatchReader(batch, bytes) {
            while let record = try? reader.next() {
                if record.timestampMs >= timestamp {
                    return TimestampedOffset(offset: record.offset, timestamp: record.timestampMs)
                }
            }
        }
        return TimestampedOffset(offset: batch.baseOffset, timestamp: batch.maxTimestamp)
    }
}
