internal import DequeModule
internal import KafkaProtocol
internal import NIOCore
internal import RecordCompression

/// Rewrites a log so that of each key only the latest record stays, under its own offset.
///
/// Compressed batches are opened for it and compressed again by the same codec; one that cannot be opened stays as it
/// is, and its records make no others go. Markers stay. Aborted records go. The last batch stays whatever it holds, so
/// that the log's end stays.
///
/// Source: Kafka's log cleaner. There a tombstone's retention counts from the first cleaning that meets it (KIP-534);
/// here from the batch's latest time.
struct Compaction {
    /// Batches from here on are left alone: they are not stable, or too young.
    let limit: Int64
    /// Tombstones before this time go, in milliseconds since 1970.
    let tombstonesBefore: Int64
    let aborted: [AbortedTransactions.Entry]

    /// The offset of the latest record of each key; for look-ups only.
    private var latest: [ByteBuffer: Int64] = [:]

    init(limit: Int64, tombstonesBefore: Int64, aborted: [AbortedTransactions.Entry]) {
        self.limit = limit
        self.tombstonesBefore = tombstonesBefore
        self.aborted = aborted
    }

    /// First every batch is shown, in order; then each is rewritten.
    mutating func see(_ batch: RecordBatch, _ bytes: ByteBuffer) {
        guard mayChange(batch), !isAborted(batch), var reader = try? RecordBatchReader(opening: batch, bytes) else {
            return
        }
        while let record = try? reader.next() {
            guard let key = record.key else { continue }
            if latest[key] == nil {
                // A key of its own, or it would keep the whole batch in memory.
                latest[key.compacted()] = record.offset
            } else {
                latest[key] = record.offset
            }
        }
    }

    /// Nil if nothing is left of it.
    func rewrite(_ batch: RecordBatch, _ bytes: ByteBuffer, isLast: Bool) -> ByteBuffer? {
        guard mayChange(batch), !isLast else { return bytes }
        if isAborted(batch) { return nil }
        guard let open = try? batch.openRecords(bytes), let (kept, count) = keep(batch, bytes, open),
            count != batch.recordCount
        else { return bytes }
        if count == 0 { return nil }
        guard let header = bytes.getSlice(at: bytes.readerIndex, length: RecordBatch.headerBytes),
            let closed = try? RecordCodec.close(kept, batch.attributes.compression ?? .none)
        else { return bytes }
        var rewritten = ByteBuffer()
        rewritten.reserveCapacity(RecordBatch.headerBytes + closed.readableBytes)
        rewritten.writeImmutableBuffer(header)
        rewritten.writeImmutableBuffer(closed)
        rewritten.setRecordCount(count, ofBatchAt: 0)
        return rewritten
    }

    /// The records that stay, as they are, and how many; nil if the batch does not hold what its header says.
    private func keep(_ batch: RecordBatch, _ bytes: ByteBuffer, _ open: ByteBuffer) -> (ByteBuffer, Int32)? {
        guard var reader = try? RecordBatchReader(batch, bytes, inflated: open) else { return nil }
        var kept = ByteBuffer()
        var count: Int32 = 0
        var rest = open
        for _ in 0..<max(0, batch.recordCount) {
            guard let record = try? reader.next() else { return nil }
            var end = rest
            guard let length = end.readVarint(), end.readSlice(length: Int(length)) != nil,
                let raw = rest.readSlice(length: rest.readableBytes - end.readableBytes)
            else { return nil }
            if stays(record, batch) {
                kept.writeImmutableBuffer(raw)
                count += 1
            }
        }
        return (kept, count)
    }

    private func mayChange(_ batch: RecordBatch) -> Bool {
        batch.nextOffset <= limit && !batch.attributes.isControl
    }

    private func isAborted(_ batch: RecordBatch) -> Bool {
        aborted.contains { $0.covers(batch) }
    }

    private func stays(_ record: Record, _ batch: RecordBatch) -> Bool {
        // Without a key it cannot be followed by another of its key.
        guard let key = record.key else { return true }
        if let newer = latest[key], newer > record.offset { return false }
        return record.value != nil || batch.maxTimestamp >= tombstonesBefore
    }
}

extension PartitionLog {
    mutating func compact(_ compaction: Compaction) {
        var compaction = compaction
        forEachBatch { batch, bytes in compaction.see(batch, bytes) }
        var kept: [ByteBuffer] = []
        var changed = false
        forEachBatch { batch, bytes in
            let rewritten = compaction.rewrite(batch, bytes, isLast: batch.nextOffset == endOffset)
            if rewritten?.readableBytes != bytes.readableBytes { changed = true }
            if let rewritten { kept.append(rewritten) }
        }
        if changed { replaceBatches(with: kept) }
    }
}
