import KafkaProtocol
import NIOCore
import Testing

@testable import FakeBroker

@Suite struct `Partition log` {
    private func log(_ batches: [ByteBuffer]) throws -> PartitionLog {
        var log = PartitionLog()
        for bytes in batches { _ = log.append(try RecordBatch(headerOf: bytes), bytes, leaderEpoch: 3) }
        return log
    }

    @Test func `gives each record the next offset`() throws {
        let log = try log([Batches.make(["a", "b"]), Batches.make(["c"])])
        #expect(log.endOffset == 3)
        let values = try Batches.values(log.read(from: 0, maxBytes: .max, atLeastOne: true))
        #expect(values.map(\.offset) == [0, 1, 2])
        #expect(values.map(\.value) == ["a", "b", "c"])
    }

    @Test func `states its leader epoch in every batch`() throws {
        let large = Batches.make([String(repeating: "x", count: Segment.largeBatchBytes)])
        let log = try log([Batches.make(["a"]), large])
        for offset in [Int64(0), 1] {
            let bytes = log.read(from: offset, maxBytes: 0, atLeastOne: true)
            #expect(try RecordBatch(headerOf: bytes).partitionLeaderEpoch == 3)
        }
    }

    @Test func `returns the batch that holds the offset whole`() throws {
        let log = try log([Batches.make(["a", "b", "c"]), Batches.make(["d"])])
        #expect(try Batches.values(log.read(from: 2, maxBytes: 1, atLeastOne: true)).map(\.value) == ["a", "b", "c"])
        #expect(log.read(from: 2, maxBytes: 1, atLeastOne: false).readableBytes == 0)
        #expect(log.read(from: 4, maxBytes: .max, atLeastOne: true).readableBytes == 0)
    }

    @Test func `keeps a large batch in the memory it came in`() throws {
        let bytes = Batches.make([String(repeating: "x", count: 100_000)])
        let cameIn = address(of: bytes)
        var log = PartitionLog()
        let header = try RecordBatch(headerOf: bytes)
        _ = log.append(header, consume bytes, leaderEpoch: 0)
        let read = log.read(from: 0, maxBytes: .max, atLeastOne: true)
        #expect(address(of: read) == cameIn)
    }

    private func address(of bytes: ByteBuffer) -> UInt {
        unsafe bytes.withUnsafeReadableBytes { UInt(bitPattern: $0.baseAddress) }
    }

    @Test func `does not keep a whole frame for a part of it`() throws {
        let batch = Batches.make([String(repeating: "x", count: 20_000)])
        var frame = ByteBuffer(repeating: 0, count: 1_000_000)
        frame.writeImmutableBuffer(batch)
        frame.moveReaderIndex(forwardBy: 1_000_000)
        let slice = frame.slice()
        var log = PartitionLog()
        _ = log.append(try RecordBatch(headerOf: slice), slice, leaderEpoch: 0)
        #expect(log.read(from: 0, maxBytes: .max, atLeastOne: true).storageCapacity < 65_536)
    }

    @Test func `finds the first record that is not older than a time`() throws {
        let log = try log([
            Batches.make(["a", "b"], timestamp: 100), Batches.make(["c"], timestamp: 50),
            Batches.make(["d", "e"], timestamp: 200),
        ])
        #expect(log.firstRecord(notBefore: 0)?.offset == 0)
        #expect(log.firstRecord(notBefore: 101) == .init(offset: 1, timestamp: 101))
        #expect(log.firstRecord(notBefore: 102) == .init(offset: 3, timestamp: 200))
        #expect(log.firstRecord(notBefore: 202) == nil)
        #expect(log.recordWithGreatestTimestamp() == .init(offset: 4, timestamp: 201))
        #expect(PartitionLog().recordWithGreatestTimestamp() == nil)
    }

    /// Small and large batches, small and large reads: what a consumer sees is what was produced.
    @Test(arguments: UInt64(0)..<50)
    func `a reader of any size sees every record once and in order`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var log = PartitionLog()
        var written: [String] = []
        for number in 0..<Int.random(in: 1...400, using: &random) {
            let size = Int.random(in: 0..<10, using: &random) == 0 ? Int.random(in: 0...70_000, using: &random) : 200
            let values = (0..<Int.random(in: 1...3, using: &random)).map {
                "\(number).\($0) " + String(repeating: "x", count: size)
            }
            let bytes = Batches.make(values)
            _ = log.append(try RecordBatch(headerOf: bytes), bytes, leaderEpoch: 0)
            written += values
        }
        #expect(log.endOffset == Int64(written.count))
        var next: Int64 = 0
        while next < log.endOffset {
            let maxBytes = [0, 500, 5_000, 100_000, 10_000_000].randomElement(using: &random) ?? 0
            let records = log.read(from: next, maxBytes: maxBytes, atLeastOne: true)
            let values = try Batches.values(records)
            let isOneBatch = try RecordBatch(headerOf: records).sizeInBytes == records.readableBytes
            #expect(records.readableBytes <= maxBytes || isOneBatch)
            let first = try #require(values.first)
            #expect(first.offset <= next)
            for (offset, value) in values where offset >= next {
                #expect(offset == next)
                #expect(value == written[Int(offset)])
                next += 1
            }
        }
    }
}
