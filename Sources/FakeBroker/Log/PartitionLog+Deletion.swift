internal import DequeModule
internal import KafkaProtocol
internal import NIOCore

// How a log loses its oldest records.

extension PartitionLog {
    /// Records before `offset` can no longer be read; the memory of segments that hold no others is freed.
    ///
    /// - Parameter offset: at most the end offset. One before the start does nothing.
    mutating func deleteRecords(before offset: Int64) {
        guard offset > startOffset, offset <= endOffset else { return }
        startOffset = offset
        epochs.truncate(before: offset)
        while let first = segments.first, first.nextOffset <= offset {
            sizeInBytes -= first.bytes.readableBytes
            segments.removeFirst()
        }
    }

    /// How far records may be deleted by age and by size, whole segments at a time.
    ///
    /// - Parameters:
    ///   - oldest: segments without a record of this time or later go, in milliseconds since 1970; nil: none does.
    ///   - bytesKept: the oldest segments go as long as so much is left; nil: none does. The last one stays.
    func retentionOffset(oldest: Int64?, bytesKept: Int64?) -> Int64 {
        var offset = startOffset
        var size = Int64(sizeInBytes)
        for (position, segment) in segments.enumerated() {
            let segmentSize = Int64(segment.bytes.readableBytes)
            let isTooOld = oldest.map { segment.maxTimestamp < $0 } ?? false
            let isTooMuch = bytesKept.map { size - segmentSize >= $0 && position + 1 < segments.count } ?? false
            guard isTooOld || isTooMuch else { break }
            offset = segment.nextOffset
            size -= segmentSize
        }
        return offset
    }

    /// The latest time of the oldest segment; nil if there is none.
    var oldestSegmentTimestamp: Int64? { segments.first?.maxTimestamp }

    /// Whether, were the oldest segment gone, there would still be so much.
    func exceeds(_ bytes: Int64) -> Bool {
        guard segments.count > 1, let first = segments.first else { return false }
        return Int64(sizeInBytes - first.bytes.readableBytes) >= bytes
    }
}
