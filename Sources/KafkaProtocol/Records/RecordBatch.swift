package import NIOCore

/// The header of a record batch of format 2, the one that Kafka writes since 0.11.
///
/// A batch stays the bytes that it came as, from the producer's socket to the consumer's: a broker reads the header,
/// checks it, and rewrites in place what only it knows (see RecordBatch+Rewriting.swift).
///
/// Source: Kafka's protocol guide, "Record Batch".
package struct RecordBatch: Equatable, Sendable {
    package var baseOffset: Int64
    package var partitionLeaderEpoch: Int32
    package var crc: UInt32
    package var attributes: Attributes
    package var lastOffsetDelta: Int32
    package var baseTimestamp: Int64
    package var maxTimestamp: Int64
    package var producerID: Int64
    package var producerEpoch: Int16
    package var baseSequence: Int32
    package var recordCount: Int32
    /// Header and records.
    package var sizeInBytes: Int

    package var lastOffset: Int64 { baseOffset &+ Int64(lastOffsetDelta) }
    /// The offset that follows the last.
    package var nextOffset: Int64 { lastOffset &+ 1 }
    /// Of the last record; sequences wrap around at Int32.max.
    package var lastSequence: Int32 {
        baseSequence < 0 ? baseSequence : Int32((Int64(baseSequence) + Int64(lastOffsetDelta)) & 0x7fff_ffff)
    }
    package var isIdempotent: Bool { producerID >= 0 }

    package struct Attributes: RawRepresentable, Hashable, Sendable {
        package var rawValue: Int16
        package init(rawValue: Int16) { self.rawValue = rawValue }

        /// None, gzip, snappy, lz4 or zstd; nil for a number that Kafka has not given away.
        package var compression: Compression? {
            get { Compression(rawValue: Int8(rawValue & 0b111)) }
            set { rawValue = rawValue & ~0b111 | Int16(newValue?.rawValue ?? 0) }
        }
        /// The time of every record is the batch's max timestamp, set by the broker.
        package var isLogAppendTime: Bool {
            get { self[0b1000] }
            set { self[0b1000] = newValue }
        }
        package var isTransactional: Bool {
            get { self[0b1_0000] }
            set { self[0b1_0000] = newValue }
        }
        package var isControl: Bool {
            get { self[0b10_0000] }
            set { self[0b10_0000] = newValue }
        }
        /// The base timestamp says when a compacted log may drop the batch's tombstones (KIP-534).
        package var hasDeleteHorizon: Bool { self[0b100_0000] }

        private subscript(bit: Int16) -> Bool {
            get { rawValue & bit != 0 }
            set { rawValue = newValue ? rawValue | bit : rawValue & ~bit }
        }
    }
}

package enum Compression: Int8, CaseIterable, Sendable {
    case none, gzip, snappy, lz4, zstd
}

// MARK: Layout

extension RecordBatch {
    package static let headerBytes = 61
    /// Base offset and batch length, which the batch length does not count.
    static let prefixBytes = 12
    /// The checksum covers everything from the attributes on; what stands before may be rewritten freely.
    static let checksummedFrom = Field.attributes

    package static let noProducerID: Int64 = -1
    package static let noProducerEpoch: Int16 = -1
    package static let noSequence: Int32 = -1

    /// Where each field of the header begins.
    enum Field {
        static let baseOffset = 0
        static let batchLength = 8
        static let partitionLeaderEpoch = 12
        static let magic = 16
        static let crc = 17
        static let attributes = 21
        static let lastOffsetDelta = 23
        static let baseTimestamp = 27
        static let maxTimestamp = 35
        static let producerID = 43
        static let producerEpoch = 51
        static let baseSequence = 53
        static let recordCount = 57
    }

    /// The format of the batch or message that begins at the reader index: 0, 1 or 2. Nil if too few bytes are left.
    package static func magic(of records: ByteBuffer) -> Int8? {
        records.getInteger(at: records.readerIndex + Field.magic)
    }
}

// MARK: Reading

extension RecordBatch {
    /// Reads the header of the batch at the reader index and checks that the batch ends within the buffer. The
    /// checksum and the records are not looked at.
    package init(headerOf records: ByteBuffer) throws(WireError) {
        let start = records.readerIndex
        let left = records.readableBytes
        guard left >= RecordBatch.headerBytes,
            let (baseOffset, batchLength, leaderEpoch, magic, crc, attributes) = records.getMultipleIntegers(
                at: start, as: (Int64, Int32, Int32, Int8, UInt32, Int16).self),
            let (lastOffsetDelta, baseTimestamp, maxTimestamp, producerID, producerEpoch, baseSequence, recordCount) =
                records.getMultipleIntegers(
                    at: start + Field.lastOffsetDelta, as: (Int32, Int64, Int64, Int64, Int16, Int32, Int32).self)
        else {
            throw RecordBatch.error("Header", 0, .truncated(needed: RecordBatch.headerBytes, left: left))
        }
        guard magic == 2 else { throw RecordBatch.error("Magic", Field.magic, .unknownMagic(magic)) }
        let size = RecordBatch.prefixBytes + Int(batchLength)
        guard size >= RecordBatch.headerBytes else {
            throw RecordBatch.error("BatchLength", Field.batchLength, .badLength(Int(batchLength)))
        }
        guard size <= left else {
            throw RecordBatch.error("BatchLength", Field.batchLength, .truncated(needed: size, left: left))
        }
        self.baseOffset = baseOffset
        self.partitionLeaderEpoch = leaderEpoch
        self.crc = crc
        self.attributes = Attributes(rawValue: attributes)
        self.lastOffsetDelta = lastOffsetDelta
        self.baseTimestamp = baseTimestamp
        self.maxTimestamp = maxTimestamp
        self.producerID = producerID
        self.producerEpoch = producerEpoch
        self.baseSequence = baseSequence
        self.recordCount = recordCount
        self.sizeInBytes = size
    }

    /// Cuts the next batch off the front; nil at the end. What a fetch's byte limit cut in two is an error here: ask
    /// ``isWhole(_:)`` first where that is normal.
    package static func next(
        from records: inout ByteBuffer
    ) throws(WireError) -> (batch: RecordBatch, bytes: ByteBuffer)? {
        guard records.readableBytes > 0 else { return nil }
        let batch = try RecordBatch(headerOf: records)
        guard let bytes = records.readSlice(length: batch.sizeInBytes) else { return nil }
        return (batch, bytes)
    }

    /// Whether the batch or message at the reader index is there to its end.
    package static func isWhole(_ records: ByteBuffer) -> Bool {
        guard let length: Int32 = records.getInteger(at: records.readerIndex + Field.batchLength) else { return false }
        return records.readableBytes >= prefixBytes + Int(length)
    }

    /// What a broker asks of a batch before it appends it: the checksum, and counts that agree with each other.
    /// `bytes` is the batch that this header was read from.
    package func validate(_ bytes: ByteBuffer) throws(WireError) {
        guard recordCount > 0 else {
            throw RecordBatch.error("RecordsCount", Field.recordCount, .badLength(Int(recordCount)))
        }
        guard Int64(lastOffsetDelta) == Int64(recordCount) - 1 else {
            throw RecordBatch.error(
                "LastOffsetDelta", Field.lastOffsetDelta,
                .malformed("\(lastOffsetDelta) does not fit \(recordCount) records"))
        }
        guard attributes.compression != nil else {
            throw RecordBatch.error(
                "Attributes", Field.attributes, .malformed("compression \(attributes.rawValue & 7) is not known"))
        }
        let computed = RecordBatch.checksum(of: bytes)
        guard computed == crc else {
            throw RecordBatch.error("CRC", Field.crc, .badChecksum(stated: crc, computed: computed))
        }
    }

    /// The checksum that the batch at the reader index, which ends where the buffer ends, should state.
    package static func checksum(of bytes: ByteBuffer) -> UInt32 {
        var covered = bytes
        guard bytes.readableBytes >= headerBytes else { return 0 }
        covered.moveReaderIndex(forwardBy: checksummedFrom)
        return Checksum.crc32c(covered)
    }

    static func error(_ field: String, _ offset: Int, _ reason: WireError.Reason) -> WireError {
        WireError(message: "RecordBatch", version: 2, field: field, offset: offset, reason: reason)
    }
}
