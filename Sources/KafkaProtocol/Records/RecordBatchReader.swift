package import NIOCore

/// The records of one batch, one at a time and only as far as asked for.
///
/// Never trusts a count: each record must lie within the batch, and each part within its record.
package struct RecordBatchReader: Sendable {
    package let batch: RecordBatch
    private var rest: ByteBuffer
    private var left: Int32
    private let limits: Limits

    /// - Parameters:
    ///   - bytes: the batch, header included, that `batch` was read from.
    ///   - inflated: its records, if the batch is compressed; opening them is the caller's business.
    package init(
        _ batch: RecordBatch, _ bytes: ByteBuffer, inflated: ByteBuffer? = nil, limits: Limits = .standard
    ) throws(WireError) {
        if let inflated {
            rest = inflated
        } else if batch.attributes.compression == Compression.none {
            rest = bytes
            rest.moveReaderIndex(forwardBy: min(RecordBatch.headerBytes, bytes.readableBytes))
        } else {
            throw RecordBatch.error(
                "Attributes", RecordBatch.Field.attributes, .malformed("records are compressed and were not opened"))
        }
        self.batch = batch
        self.left = max(0, batch.recordCount)
        self.limits = limits
    }

    /// The compressed records of a batch, as its codec needs them.
    package static func compressedRecords(_ bytes: ByteBuffer) -> ByteBuffer {
        var payload = bytes
        payload.moveReaderIndex(forwardBy: min(RecordBatch.headerBytes, bytes.readableBytes))
        return payload
    }

    /// Nil after the last record. After an error there is no next.
    package mutating func next() throws(WireError) -> Record? {
        guard left > 0 else {
            if rest.readableBytes > 0 { throw failure("Records", .trailingBytes(rest.readableBytes)) }
            return nil
        }
        guard let length = rest.readVarint() else { throw endsEarly("Length", rest) }
        guard length >= 0 else { throw failure("Length", .badLength(Int(length))) }
        guard var body = rest.readSlice(length: Int(length)) else {
            throw failure("Length", .truncated(needed: Int(length), left: rest.readableBytes))
        }
        let record = try record(from: &body)
        if body.readableBytes > 0 { throw failure("Record", .trailingBytes(body.readableBytes)) }
        left -= 1
        return record
    }

    private func record(from body: inout ByteBuffer) throws(WireError) -> Record {
        // Attributes: no bit of them has a meaning yet.
        guard body.readInteger(as: Int8.self) != nil, let timestampDelta = body.readVarlong(),
            let offsetDelta = body.readVarint()
        else { throw endsEarly("Record", body) }
        let timestamp =
            batch.attributes.isLogAppendTime ? batch.maxTimestamp : batch.baseTimestamp &+ timestampDelta
        let key = try bytes("Key", from: &body)
        let value = try bytes("Value", from: &body)
        return Record(
            offset: batch.baseOffset &+ Int64(offsetDelta), timestampMs: timestamp, key: key, value: value,
            headers: try headers(from: &body))
    }

    private func headers(from body: inout ByteBuffer) throws(WireError) -> [Record.Header] {
        guard let count = body.readVarint() else { throw endsEarly("Headers", body) }
        if count == 0 { return [] }
        // A header takes two bytes or more.
        guard count > 0, Int(count) <= body.readableBytes / 2 else {
            throw failure("Headers", .badLength(Int(count)))
        }
        guard Int(count) <= limits.recordHeaders else {
            throw failure("Headers", .beyondLimit(Int(count), limit: limits.recordHeaders))
        }
        var headers: [Record.Header] = []
        headers.reserveCapacity(Int(count))
        for _ in 0..<count {
            guard let key = try bytes("HeaderKey", from: &body) else { throw failure("HeaderKey", .badLength(-1)) }
            guard let text = try? key.getUTF8ValidatedString(at: key.readerIndex, length: key.readableBytes) else {
                throw failure("HeaderKey", .invalidUTF8)
            }
            headers.append(Record.Header(key: text, value: try bytes("HeaderValue", from: &body)))
        }
        return headers
    }

    private func bytes(_ field: String, from body: inout ByteBuffer) throws(WireError) -> ByteBuffer? {
        guard let length = body.readVarint() else { throw endsEarly(field, body) }
        if length == -1 { return nil }
        guard length >= 0 else { throw failure(field, .badLength(Int(length))) }
        guard let slice = body.readSlice(length: Int(length)) else {
            throw failure(field, .truncated(needed: Int(length), left: body.readableBytes))
        }
        return slice
    }

    private func endsEarly(_ field: String, _ bytes: ByteBuffer) -> WireError {
        failure(field, .truncated(needed: bytes.readableBytes + 1, left: bytes.readableBytes))
    }

    private func failure(_ field: String, _ reason: WireError.Reason) -> WireError {
        let read = batch.recordCount - left
        return RecordBatch.error("Records[\(read)].\(field)", batch.sizeInBytes - rest.readableBytes, reason)
    }
}
