import KafkaProtocol
import NIOCore
import Testing

@Suite struct `Record batches` {
    @Test func `records come back as they went`() throws {
        let records = [
            Record(offset: 40, timestampMs: 1_000, key: nil, value: ByteBuffer(string: "first")),
            Record(
                offset: 41, timestampMs: 990, key: ByteBuffer(string: "key"), value: nil,
                headers: [
                    .init(key: "trace", value: ByteBuffer(string: "1")), .init(key: "trace", value: nil),
                    .init(key: "", value: ByteBuffer()),
                ]),
            Record(offset: 42, timestampMs: 1_200, key: ByteBuffer(), value: ByteBuffer(repeating: 7, count: 3_000)),
        ]
        var bytes = batch(records, baseOffset: 40)
        let (header, slice) = try #require(try RecordBatch.next(from: &bytes))
        try header.validate(slice)
        #expect(header.baseOffset == 40)
        #expect(header.nextOffset == 43)
        #expect(header.maxTimestamp == 1_200)
        #expect(try read(header, slice) == records)
        #expect(try RecordBatch.next(from: &bytes) == nil)
    }

    @Test func `offset and leader epoch are rewritten without a new checksum`() throws {
        var bytes = batch([Record(value: ByteBuffer(string: "x"))])
        let before = try RecordBatch(headerOf: bytes)
        bytes.setBaseOffset(1 << 40, ofBatchAt: 0)
        bytes.setPartitionLeaderEpoch(5, ofBatchAt: 0)
        let after = try RecordBatch(headerOf: bytes)
        try after.validate(bytes)
        #expect(after.crc == before.crc)
        #expect(after.baseOffset == 1 << 40)
        #expect(after.partitionLeaderEpoch == 5)
        #expect(try read(after, bytes).map(\.offset) == [1 << 40])
    }

    @Test func `the append time is every record's time`() throws {
        var bytes = batch([
            Record(timestampMs: 1, value: ByteBuffer(string: "a")),
            Record(timestampMs: 2, value: ByteBuffer(string: "b")),
        ])
        bytes.setLogAppendTime(77, of: try RecordBatch(headerOf: bytes), at: 0)
        let header = try RecordBatch(headerOf: bytes)
        try header.validate(bytes)
        #expect(header.attributes.isLogAppendTime)
        #expect(try read(header, bytes).map(\.timestampMs) == [77, 77])
    }

    @Test func `any flipped bit that the checksum covers is found`() throws {
        let bytes = batch([Record(key: ByteBuffer(string: "k"), value: ByteBuffer(string: "v"))])
        for index in 21..<bytes.readableBytes {
            var flipped = bytes
            let byte: UInt8 = flipped.getInteger(at: index)!
            flipped.setInteger(byte ^ 0x10, at: index)
            #expect(throws: WireError.self, "byte \(index)") {
                try RecordBatch(headerOf: flipped).validate(flipped)
            }
        }
    }

    @Test func `a batch that is cut short is not whole`() throws {
        let bytes = batch([Record(value: ByteBuffer(string: "value"))])
        #expect(RecordBatch.isWhole(bytes))
        for length in 0..<bytes.readableBytes {
            let cut = bytes.getSlice(at: 0, length: length)!
            #expect(!RecordBatch.isWhole(cut))
            #expect(throws: WireError.self) { try RecordBatch(headerOf: cut) }
        }
    }

    @Test func `headers of one record are bounded`() throws {
        var limits = Limits()
        limits.recordHeaders = 3
        for count in [3, 4] {
            let headers = (0..<count).map { Record.Header(key: "\($0)", value: nil) }
            let bytes = batch([Record(value: nil, headers: headers)])
            var reader = try RecordBatchReader(RecordBatch(headerOf: bytes), bytes, limits: limits)
            if count == 3 {
                #expect(try reader.next()?.headers == headers)
            } else {
                #expect(throws: WireError.self) { try reader.next() }
            }
        }
    }

    @Test func `a compressed batch stays closed until its records are handed over`() throws {
        var builder = RecordBatchBuilder()
        builder.attributes.compression = .zstd
        builder.append(value: ByteBuffer(string: "x"), timestampMs: 1)
        let bytes = builder.build()
        let header = try RecordBatch(headerOf: bytes)
        #expect(header.attributes.compression == .zstd)
        #expect(throws: WireError.self) { try RecordBatchReader(header, bytes) }
        // Stands in for a codec: these records were never compressed.
        let inflated = RecordBatchReader.compressedRecords(bytes)
        var reader = try RecordBatchReader(header, bytes, inflated: inflated)
        #expect(try reader.next()?.value == ByteBuffer(string: "x"))
    }

    @Test(arguments: [ControlRecord.Kind.commit, .abort])
    func `a transaction marker is a control batch of one record`(kind: ControlRecord.Kind) throws {
        let marker = ControlRecord(kind, coordinatorEpoch: 3)
        let bytes = marker.batch(producerID: 9, producerEpoch: 2, timestampMs: 100)
        let header = try RecordBatch(headerOf: bytes)
        try header.validate(bytes)
        #expect(header.attributes.isControl && header.attributes.isTransactional)
        #expect(header.producerID == 9 && header.producerEpoch == 2 && header.baseSequence == -1)
        #expect(try ControlRecord(try #require(try read(header, bytes).first)) == marker)
    }

    @Test func `sequences wrap around`() throws {
        var builder = RecordBatchBuilder()
        builder.producerID = 1
        builder.baseSequence = .max
        builder.append(value: nil, timestampMs: 0)
        builder.append(value: nil, timestampMs: 0)
        #expect(try RecordBatch(headerOf: builder.build()).lastSequence == 0)
    }

    private func batch(_ records: [Record], baseOffset: Int64 = 0) -> ByteBuffer {
        var builder = RecordBatchBuilder()
        builder.baseOffset = baseOffset
        for record in records {
            builder.append(
                key: record.key, value: record.value, headers: record.headers, timestampMs: record.timestampMs)
        }
        return builder.build()
    }

    private func read(_ header: RecordBatch, _ bytes: ByteBuffer) throws -> [Record] {
        var reader = try RecordBatchReader(header, bytes)
        var records: [Record] = []
        while let record = try reader.next() { records.append(record) }
        return records
    }
}
