package import NIOCore

/// Writes one uncompressed batch of format 2.
package struct RecordBatchBuilder: Sendable {
    package var baseOffset: Int64 = 0
    package var partitionLeaderEpoch: Int32 = -1
    package var attributes = RecordBatch.Attributes(rawValue: 0)
    package var producerID = RecordBatch.noProducerID
    package var producerEpoch = RecordBatch.noProducerEpoch
    package var baseSequence = RecordBatch.noSequence

    package private(set) var recordCount: Int32 = 0
    /// Of the first record.
    private var baseTimestamp: Int64 = -1
    private var maxTimestamp: Int64 = -1
    private var records = ByteBuffer()

    package init() {}

    /// The bytes of the batch as it stands.
    package var sizeInBytes: Int { RecordBatch.headerBytes + records.readableBytes }

    package mutating func append(
        key: ByteBuffer? = nil, value: ByteBuffer?, headers: [Record.Header] = [], timestampMs: Int64
    ) {
        if recordCount == 0 { baseTimestamp = timestampMs }
        maxTimestamp = max(maxTimestamp, timestampMs)
        let timestampDelta = timestampMs &- baseTimestamp
        let headerBytes = headers.reduce(VarintSize.int32(Int32(truncatingIfNeeded: headers.count))) { sum, header in
            let key = header.key.utf8.count
            return sum + VarintSize.int32(Int32(truncatingIfNeeded: key)) + key + size(of: header.value)
        }
        let length =
            1 + VarintSize.int64(timestampDelta) + VarintSize.int32(recordCount) + size(of: key) + size(of: value)
            + headerBytes
        records.reserveCapacity(minimumWritableBytes: length + VarintSize.int32(Int32(truncatingIfNeeded: length)))
        records.writeVarint(Int32(truncatingIfNeeded: length))
        records.writeInteger(0 as Int8)
        records.writeVarlong(timestampDelta)
        records.writeVarint(recordCount)
        write(key)
        write(value)
        records.writeVarint(Int32(truncatingIfNeeded: headers.count))
        for header in headers {
            records.writeVarint(Int32(truncatingIfNeeded: header.key.utf8.count))
            records.writeString(header.key)
            write(header.value)
        }
        recordCount += 1
    }

    /// Appends the batch to `buffer`.
    package func build(into buffer: inout ByteBuffer) {
        let start = buffer.writerIndex
        buffer.reserveCapacity(minimumWritableBytes: sizeInBytes)
        // Length and checksum follow at the end.
        buffer.writeMultipleIntegers(
            baseOffset, 0 as Int32, partitionLeaderEpoch, 2 as Int8, 0 as UInt32, attributes.rawValue,
            recordCount - 1, baseTimestamp, maxTimestamp)
        buffer.writeMultipleIntegers(producerID, producerEpoch, baseSequence, recordCount)
        buffer.writeImmutableBuffer(records)
        buffer.sealBatch(at: start, sizeInBytes: buffer.writerIndex - start)
    }

    package func build() -> ByteBuffer {
        var buffer = ByteBuffer()
        build(into: &buffer)
        return buffer
    }

    private func size(of bytes: ByteBuffer?) -> Int {
        guard let count = bytes?.readableBytes else { return 1 }
        return VarintSize.int32(Int32(truncatingIfNeeded: count)) + count
    }

    private mutating func write(_ bytes: ByteBuffer?) {
        guard let bytes else { return records.writeVarint(-1) }
        records.writeVarint(Int32(truncatingIfNeeded: bytes.readableBytes))
        records.writeImmutableBuffer(bytes)
    }
}
