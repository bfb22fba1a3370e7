package import NIOCore

/// The messages of formats 0 and 1, which Kafka wrote before 0.11 and old clients still do. Read only; a compressed
/// message stays closed.
///
/// A set is a row of messages without a header of its own: offset, size, CRC-32 of the rest, magic, attributes,
/// timestamp (format 1), key, value.
package struct MessageSetReader: Sendable {
    private var rest: ByteBuffer
    private let size: Int

    package init(_ records: ByteBuffer) {
        rest = records
        size = records.readableBytes
    }

    /// Nil after the last message, and when less of a message is left than its length says, as a fetch may end.
    package mutating func next() throws(WireError) -> Record? {
        guard RecordBatch.isWhole(rest), let (offset, length) = rest.readMultipleIntegers(as: (Int64, Int32).self)
        else { return nil }
        guard length >= 14, var body = rest.readSlice(length: Int(length)) else {
            throw failure("MessageSize", .badLength(Int(length)))
        }
        guard let stated = body.readInteger(as: UInt32.self) else { throw failure("Crc", .badLength(Int(length))) }
        let computed = Checksum.crc32(body)
        guard stated == computed else { throw failure("Crc", .badChecksum(stated: stated, computed: computed)) }
        guard let (magic, attributes) = body.readMultipleIntegers(as: (Int8, Int8).self) else {
            throw failure("MagicByte", .badLength(Int(length)))
        }
        guard magic == 0 || magic == 1 else { throw failure("MagicByte", .unknownMagic(magic)) }
        guard attributes & 0b111 == 0 else { throw failure("Attributes", .malformed("message is compressed")) }
        var timestamp: Int64 = -1
        if magic == 1 {
            guard let stated = body.readInteger(as: Int64.self) else {
                throw failure("Timestamp", .truncated(needed: 8, left: body.readableBytes))
            }
            timestamp = stated
        }
        let key = try bytes("Key", from: &body)
        let value = try bytes("Value", from: &body)
        if body.readableBytes > 0 { throw failure("Message", .trailingBytes(body.readableBytes)) }
        return Record(offset: offset, timestampMs: timestamp, key: key, value: value)
    }

    private func bytes(_ field: String, from body: inout ByteBuffer) throws(WireError) -> ByteBuffer? {
        guard let length = body.readInteger(as: Int32.self) else {
            throw failure(field, .truncated(needed: 4, left: body.readableBytes))
        }
        if length == -1 { return nil }
        guard length >= 0 else { throw failure(field, .badLength(Int(length))) }
        guard let slice = body.readSlice(length: Int(length)) else {
            throw failure(field, .truncated(needed: Int(length), left: body.readableBytes))
        }
        return slice
    }

    private func failure(_ field: String, _ reason: WireError.Reason) -> WireError {
        WireError(message: "MessageSet", version: 1, field: field, offset: size - rest.readableBytes, reason: reason)
    }
}
