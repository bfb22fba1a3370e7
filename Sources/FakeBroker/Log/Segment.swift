internal import KafkaProtocol
internal import NIOCore

/// A run of record batches in one piece of memory, as they came except for their offsets.
///
/// Either one large batch in the memory that it arrived in, or many small ones copied one after another, so that a
/// reader gets many at once and no small batch costs an allocation. Once closed its bytes never change, and readers
/// share them; while it is open they get copies.
struct Segment: Sendable {
    /// The smallest batch that is kept in the memory it arrived in. ``FrameDecoder`` gives its frame memory of its own.
    static let largeBatchBytes = FrameDecoder.sharedLength
    /// Small batches are gathered up to here.
    static let gatheredBytes = 1024 * 1024
    /// Batches are found by an index entry for every so many bytes, and a walk from there.
    static let indexIntervalBytes = 4096

    let baseOffset: Int64
    private(set) var nextOffset: Int64
    private(set) var maxTimestamp: Int64
    private(set) var bytes: ByteBuffer
    private(set) var isOpen: Bool
    private var index: [(offset: Int64, position: Int)] = []
    /// The last batch, which is what a reader wants who keeps up.
    private var last: (offset: Int64, position: Int)

    /// Keeps one batch that has its offset already.
    init(large bytes: consuming ByteBuffer, _ batch: RecordBatch) {
        baseOffset = batch.baseOffset
        nextOffset = batch.nextOffset
        maxTimestamp = batch.maxTimestamp
        isOpen = false
        last = (batch.baseOffset, bytes.readerIndex)
        self.bytes = bytes
    }

    /// An empty one, open for small batches.
    init(openAt baseOffset: Int64) {
        self.baseOffset = baseOffset
        nextOffset = baseOffset
        maxTimestamp = -1
        isOpen = true
        last = (baseOffset, 0)
        bytes = ByteBuffer()
    }

    /// Takes whole batches off the front of `bytes`, which have their offsets already, up to so many bytes but at least
    /// one. Nil if there is none.
    init?(restoring bytes: inout ByteBuffer, limit: Int) {
        guard let first = try? RecordBatch(headerOf: bytes) else { return nil }
        baseOffset = first.baseOffset
        nextOffset = first.baseOffset
        maxTimestamp = -1
        isOpen = false
        last = (first.baseOffset, 0)
        self.bytes = ByteBuffer()
        var size = 0
        var rest = bytes
        while rest.readableBytes > 0, let batch = try? RecordBatch(headerOf: rest),
            size == 0 || size + batch.sizeInBytes <= limit
        {
            if size >= (index.last?.position ?? 0) + Self.indexIntervalBytes { index.append((batch.baseOffset, size)) }
            last = (batch.baseOffset, size)
            size += batch.sizeInBytes
            nextOffset = batch.nextOffset
            maxTimestamp = max(maxTimestamp, batch.maxTimestamp)
            rest.moveReaderIndex(forwardBy: batch.sizeInBytes)
        }
        // A slice begins at zero, as the index counts.
        guard let slice = bytes.readSlice(length: size) else { return nil }
        self.bytes = slice
    }

    mutating func close() {
        isOpen = false
    }

    func hasRoom(for batch: RecordBatch, limit: Int) -> Bool {
        isOpen
            && (bytes.readableBytes == 0
                || bytes.readableBytes + batch.sizeInBytes <= min(limit, Self.gatheredBytes))
    }

    /// Copies a batch to the end and gives it its offset and leader epoch.
    mutating func append(_ batch: RecordBatch, _ source: ByteBuffer, leaderEpoch: Int32) {
        let position = bytes.writerIndex
        if position >= (index.last?.position ?? 0) + Self.indexIntervalBytes {
            index.append((batch.baseOffset, position))
        }
        last = (batch.baseOffset, position)
        bytes.writeImmutableBuffer(source)
        bytes.setBaseOffset(batch.baseOffset, ofBatchAt: position)
        bytes.setPartitionLeaderEpoch(leaderEpoch, ofBatchAt: position)
        nextOffset = batch.nextOffset
        maxTimestamp = max(maxTimestamp, batch.maxTimestamp)
    }

    // MARK: Reading

    /// Whole batches from the one that holds `offset` on, as many as fit `maxBytes`, but at least one if asked for.
    ///
    /// - Parameter limit: batches from this offset on are not returned.
    func batches(
        from offset: Int64, before limit: Int64, maxBytes: Int, atLeastOne: Bool
    ) -> (bytes: ByteBuffer, reachesEnd: Bool) {
        guard let start = position(of: offset) else { return (ByteBuffer(), true) }
        let stop = limit >= nextOffset ? bytes.writerIndex : position(of: limit) ?? bytes.writerIndex
        guard start < stop else { return (ByteBuffer(), false) }
        let end = end(from: start, to: stop, maxBytes: maxBytes, atLeastOne: atLeastOne)
        return (bytes.getSlice(at: start, length: end - start) ?? ByteBuffer(), end == bytes.writerIndex)
    }

    /// Where the batch that holds `offset` begins.
    private func position(of offset: Int64) -> Int? {
        var position = last.position
        if offset < last.offset {
            // The last index entry that is not past it.
            let after = index.partitioningIndex { $0.offset > offset }
            position = after == 0 ? bytes.readerIndex : index[after - 1].position
        }
        while let batch = batch(at: position) {
            if batch.nextOffset > offset { return position }
            position += batch.sizeInBytes
        }
        return nil
    }

    private func end(from start: Int, to stop: Int, maxBytes: Int, atLeastOne: Bool) -> Int {
        if stop - start <= maxBytes { return stop }
        let limit = start + max(0, maxBytes)
        let after = index.partitioningIndex { $0.position > limit }
        var end = after == 0 ? start : max(start, index[after - 1].position)
        while let batch = batch(at: end), end + batch.sizeInBytes <= limit || (atLeastOne && end == start) {
            end += batch.sizeInBytes
        }
        return end
    }

    private func batch(at position: Int) -> RecordBatch? {
        guard position < bytes.writerIndex else { return nil }
        var rest = bytes
        rest.moveReaderIndex(to: position)
        return try? RecordBatch(headerOf: rest)
    }

    func forEachBatch(_ body: (RecordBatch, ByteBuffer) -> Void) {
        var position = bytes.readerIndex
        while let batch = batch(at: position), let slice = bytes.getSlice(at: position, length: batch.sizeInBytes) {
            body(batch, slice)
            position += batch.sizeInBytes
        }
    }

    /// The first batch that `matches`, with its bytes.
    func firstBatch(where matches: (RecordBatch) -> Bool) -> (batch: RecordBatch, bytes: ByteBuffer)? {
        var position = bytes.readerIndex
        while let batch = batch(at: position) {
            if matches(batch), let slice = bytes.getSlice(at: position, length: batch.sizeInBytes) {
                return (batch, slice)
            }
            position += batch.sizeInBytes
        }
        return nil
    }
}

extension RandomAccessCollection {
    /// The first index whose element, and all after it, are `later`; the end if there is none.
    func partitioningIndex(where later: (Element) -> Bool) -> Index {
        var low = startIndex
        var high = endIndex
        while low < high {
            let middle = index(low, offsetBy: distance(from: low, to: high) / 2)
            if later(self[middle]) { high = middle } else { low = index(after: middle) }
        }
        return low
    }
}
