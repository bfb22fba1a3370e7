import KafkaProtocol
import NIOCore
import Testing

@testable import FakeBroker

@Suite struct `Appending a batch` {
    private var partition = Partition(index: 0, replicas: [1], leader: 1)

    private mutating func append(_ records: ByteBuffer?, zstd: Bool = true, limit: Int = 1_000_000) -> String {
        switch partition.append(records, AppendRules(allowsZstd: zstd, batchBytesLimit: limit)) {
        case .appended(let offset): "at \(offset)"
        case .duplicate(let offset): "was at \(offset)"
        case .refused(let code, _): code.description
        }
    }

    /// With the byte at `index` changed and, unless it is the checksum that shall be wrong, a true checksum.
    private func changed(_ records: ByteBuffer, at index: Int, to byte: UInt8, sealed: Bool = true) -> ByteBuffer {
        var changed = records
        changed.setInteger(byte, at: changed.readerIndex + index)
        if sealed { changed.sealBatch(at: changed.readerIndex, sizeInBytes: changed.readableBytes) }
        return changed
    }

    @Test mutating func `takes one whole batch with a true checksum`() {
        #expect(append(Batches.make(["a", "b"])) == "at 0")
        #expect(append(Batches.make(["c"])) == "at 2")
    }

    @Test mutating func `states the latest time where the producer left it out`() throws {
        var batch = Batches.make(["a", "b", "c"], timestamp: 1000)
        let index = batch.readerIndex
        batch.setMaxTimestamp(-1, of: try RecordBatch(headerOf: batch), at: index)
        #expect(append(batch) == "at 0")
        #expect(partition.log.firstRecord(notBefore: 1002) == .init(offset: 2, timestamp: 1002))
        var kept = partition.log.read(from: 0, maxBytes: 1000, atLeastOne: true)
        let (stored, bytes) = try #require(try RecordBatch.next(from: &kept))
        try stored.validate(bytes)
        #expect(stored.maxTimestamp == 1002)
    }

    @Test mutating func `refuses what is not exactly one batch`() {
        #expect(append(nil) == "INVALID_RECORD")
        #expect(append(ByteBuffer()) == "INVALID_RECORD")
        var two = Batches.make(["a"])
        two.writeImmutableBuffer(Batches.make(["b"]))
        #expect(append(two) == "INVALID_RECORD")
        var short = Batches.make(["a"])
        short.moveWriterIndex(to: short.writerIndex - 1)
        #expect(append(short) == "CORRUPT_MESSAGE")
        #expect(partition.log.endOffset == 0)
    }

    @Test mutating func `refuses a false checksum`() {
        let batch = Batches.make(["a"])
        #expect(append(changed(batch, at: batch.readableBytes - 2, to: 0xFF, sealed: false)) == "CORRUPT_MESSAGE")
    }

    @Test(arguments: [UInt8(0), 1, 3])
    mutating func `refuses formats other than 2`(magic: UInt8) {
        #expect(append(changed(Batches.make(["a"]), at: 16, to: magic, sealed: false)) == "INVALID_RECORD")
    }

    @Test mutating func `refuses counts that do not agree`() {
        #expect(append(changed(Batches.make(["a"]), at: 60, to: 2)) == "INVALID_RECORD")
        #expect(append(changed(Batches.make(["a"]), at: 60, to: 0)) == "INVALID_RECORD")
        #expect(append(changed(Batches.make(["a"]), at: 26, to: 1)) == "INVALID_RECORD")
    }

    @Test mutating func `refuses control batches and unknown codecs`() {
        #expect(append(changed(Batches.make(["a"]), at: 22, to: 0b10_0000)) == "INVALID_RECORD")
        #expect(append(changed(Batches.make(["a"]), at: 22, to: 7)) == "UNSUPPORTED_COMPRESSION_TYPE")
    }

    @Test mutating func `takes zstd only from clients that know it`() {
        let zstd = changed(Batches.make(["a"]), at: 22, to: 4)
        #expect(append(zstd, zstd: false) == "UNSUPPORTED_COMPRESSION_TYPE")
        #expect(append(zstd, zstd: true) == "at 0")
    }

    @Test mutating func `takes a batch of the greatest size and none larger`() {
        let batch = Batches.make(["a"])
        #expect(append(batch, limit: batch.readableBytes) == "at 0")
        #expect(append(batch, limit: batch.readableBytes - 1) == "MESSAGE_TOO_LARGE")
    }
}

@Suite struct `Idempotent producer` {
    private var partition = Partition(index: 0, replicas: [1], leader: 1)

    private mutating func append(_ count: Int, sequence: Int32, epoch: Int16 = 0, producer: Int64 = 7) -> String {
        let batch = Batches.make(
            Array(repeating: "x", count: count), producerID: producer, epoch: epoch, sequence: sequence)
        switch partition.append(batch, AppendRules()) {
        case .appended(let offset): return "at \(offset)"
        case .duplicate(let offset): return "was at \(offset)"
        case .refused(let code, _): return code.description
        }
    }

    @Test mutating func `sends a batch again and is told where it was`() {
        #expect(append(2, sequence: 0) == "at 0")
        #expect(append(1, sequence: 2) == "at 2")
        #expect(append(2, sequence: 0) == "was at 0")
        #expect(append(1, sequence: 2) == "was at 2")
        #expect(partition.log.endOffset == 3)
    }

    @Test mutating func `is remembered for five batches`() {
        for sequence in Int32(0)..<6 { _ = append(1, sequence: sequence) }
        #expect(append(1, sequence: 1) == "was at 1")
        #expect(append(1, sequence: 0) == "OUT_OF_ORDER_SEQUENCE_NUMBER")
    }

    @Test mutating func `may not leave a gap`() {
        _ = append(2, sequence: 0)
        #expect(append(1, sequence: 3) == "OUT_OF_ORDER_SEQUENCE_NUMBER")
        #expect(append(1, sequence: 2) == "at 2")
    }

    @Test mutating func `begins anywhere if it is not known`() {
        #expect(append(1, sequence: 42) == "at 0")
        #expect(append(1, sequence: 43) == "at 1")
    }

    @Test mutating func `begins a new epoch at 0 and ends the old`() {
        _ = append(1, sequence: 0)
        #expect(append(1, sequence: 5, epoch: 1) == "OUT_OF_ORDER_SEQUENCE_NUMBER")
        #expect(append(1, sequence: 0, epoch: 1) == "at 1")
        #expect(append(1, sequence: 1, epoch: 0) == "INVALID_PRODUCER_EPOCH")
    }

    @Test mutating func `counts on from 0 after the greatest sequence number`() {
        #expect(append(2, sequence: .max - 1) == "at 0")
        #expect(append(2, sequence: 0) == "at 2")
    }

    @Test mutating func `counts through the greatest sequence number within a batch`() {
        #expect(append(3, sequence: .max - 1) == "at 0")
        #expect(append(1, sequence: 1) == "at 3")
        #expect(append(3, sequence: .max - 1) == "was at 0")
    }

    @Test mutating func `does not disturb another`() {
        _ = append(1, sequence: 0, producer: 7)
        #expect(append(1, sequence: 0, producer: 8) == "at 1")
        #expect(append(1, sequence: 1, producer: 7) == "at 2")
    }

    @Test mutating func `is forgotten when it is silent and there are many others`() {
        _ = append(2, sequence: 0, producer: 1)
        for producer in 0..<Int64(ProducerStates.producersKept) { _ = append(1, sequence: 0, producer: 100 + producer) }
        #expect(partition.producers.all.count <= ProducerStates.producersKept)
        // Whoever is not known may begin anywhere; the latest are known.
        #expect(append(1, sequence: 9, producer: 1) == "at \(partition.log.endOffset - 1)")
        let latest = 99 + Int64(ProducerStates.producersKept)
        #expect(append(1, sequence: 9, producer: latest) == "OUT_OF_ORDER_SEQUENCE_NUMBER")
    }

    @Test mutating func `must number its batches`() {
        #expect(append(1, sequence: -1) == "INVALID_RECORD")
    }
}
