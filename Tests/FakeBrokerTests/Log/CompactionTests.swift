import KafkaProtocol
import NIOCore
import RecordCompression
import Testing

@testable import FakeBroker

@Suite struct `A compacted log` {
    private func cluster(_ configs: [String: String] = [:]) -> VirtualCluster {
        VirtualCluster {
            $0.topics = [.init("t", configs: configs.merging(["cleanup.policy": "compact"]) { own, _ in own })]
        }
    }

    /// `key=value`; without a value a tombstone.
    private func batch(_ records: [String], timestamp: Int64 = 1_000_000, compression: Compression = .none)
        -> ByteBuffer
    {
        var builder = RecordBatchBuilder()
        builder.attributes.compression = compression
        for record in records {
            let parts = record.split(separator: "=", maxSplits: 1)
            builder.append(
                key: ByteBuffer(string: String(parts[0])),
                value: parts.count > 1 ? ByteBuffer(string: String(parts[1])) : nil, timestampMs: timestamp)
        }
        return builder.build()
    }

    private func records(_ cluster: VirtualCluster) throws -> [String] {
        try cluster.cluster.records(topic: "t", partition: 0, from: 0, limit: .max).map { record in
            "\(record.offset) \(String(decoding: record.key ?? [], as: UTF8.self))=\(record.text ?? "")"
        }
    }

    @Test func `keeps the latest record of each key, under its offset`() throws {
        var cluster = cluster()
        _ = cluster.produce(batch(["a=1", "b=1", "c=1"]))
        _ = cluster.produce(batch(["a=2"]))
        _ = cluster.produce(batch(["b=2", "a=3"]))
        cluster.pass(.seconds(14))
        #expect(try records(cluster).count == 6)
        cluster.pass(.seconds(1))
        #expect(try records(cluster) == ["2 c=1", "4 b=2", "5 a=3"])
        let log = try #require(cluster.cluster.topics["t"]?.partitions[0].log)
        #expect(log.endOffset == 6)
        #expect(log.startOffset == 0)
        // What remains is whole, and found from an offset that is gone.
        var bytes = log.read(from: 0, maxBytes: .max, atLeastOne: true)
        #expect(bytes.readableBytes == log.sizeInBytes)
        while let (batch, bytes) = try RecordBatch.next(from: &bytes) {
            #expect(RecordBatch.checksum(of: bytes) == batch.crc)
        }
        #expect(try RecordBatch(headerOf: log.read(from: 3, maxBytes: .max, atLeastOne: true)).baseOffset == 4)
        #expect(cluster.produce(batch(["d=1"]))?.baseOffset == 6)
    }

    @Test func `keeps a tombstone for a while`() throws {
        var cluster = cluster(["delete.retention.ms": "60000", "min.cleanable.dirty.ratio": "0"])
        _ = cluster.produce(batch(["a=1", "b=1"]))
        _ = cluster.produce(batch(["a"]))
        _ = cluster.produce(batch(["c=1"]))
        cluster.pass(.seconds(15))
        #expect(try records(cluster) == ["1 b=1", "2 a=", "3 c=1"])
        cluster.pass(.seconds(50))
        _ = cluster.produce(batch(["d=1"]))
        cluster.pass(.seconds(15))
        #expect(try records(cluster) == ["1 b=1", "3 c=1", "4 d=1"])
    }

    @Test func `leaves alone what is young or open`() throws {
        var cluster = cluster(["min.compaction.lag.ms": "60000"])
        _ = cluster.produce(batch(["a=1"]))
        _ = cluster.produce(batch(["a=2"]))
        _ = cluster.produce(batch(["a=3"], timestamp: 2_000_000))
        cluster.pass(.seconds(61))
        #expect(try records(cluster) == ["1 a=2", "2 a=3"])

        var open = self.cluster()
        _ = open.produce(batch(["a=1"]))
        var client = TransactionalClient("x")
        #expect(open.initProducer(&client) == .none)
        var pending = batch(["a=2"])
        pending.setInteger(UInt8(0b1_0000), at: 22)
        pending.setInteger(client.producer.id, at: 43)
        pending.setInteger(client.producer.epoch, at: 51)
        pending.setInteger(Int32(0), at: 53)
        pending.sealBatch(at: 0, sizeInBytes: pending.readableBytes)
        var data = ProduceRequest.PartitionProduceData()
        data.records = pending
        var topic = ProduceRequest.TopicProduceData()
        topic.name = "t"
        topic.partitionData = [data]
        var request = ProduceRequest()
        request.transactionalID = "x"
        request.acks = -1
        request.topicData = [topic]
        _ = open.send(.produce(request), version: 12)
        _ = open.produce(batch(["b=1"]))
        open.pass(.seconds(30))
        #expect(try records(open) == ["0 a=1", "1 a=2", "2 b=1"])
        #expect(open.end(&client, commit: false) == .none)
        _ = open.produce(batch(["b=2"]))
        open.pass(.seconds(15))
        #expect(try records(open) == ["0 a=1", "4 b=2"])
    }

    /// The batch with its records compressed.
    private func compress(_ bytes: ByteBuffer, _ compression: Compression) throws -> ByteBuffer {
        var batch = try RecordBatch(headerOf: bytes)
        batch.attributes.compression = compression
        var compressed = bytes.getSlice(at: 0, length: RecordBatch.headerBytes) ?? ByteBuffer()
        compressed.setInteger(batch.attributes.rawValue, at: 21)
        compressed.writeImmutableBuffer(
            try RecordCodec.close(RecordBatchReader.compressedRecords(bytes), compression))
        compressed.sealBatch(at: 0, sizeInBytes: compressed.readableBytes)
        return compressed
    }

    @Test(arguments: Compression.allCases) func `is cleaned inside of compressed batches`(codec: Compression) throws {
        var cluster = cluster()
        _ = cluster.produce(try compress(batch(["a=1", "b=1", "c=1"]), codec))
        _ = cluster.produce(try compress(batch(["a=2"]), codec))
        _ = cluster.produce(batch(["b=2", "a=3"]))
        cluster.pass(.seconds(15))
        #expect(try records(cluster) == ["2 c=1", "4 b=2", "5 a=3"])
        let log = try #require(cluster.cluster.topics["t"]?.partitions[0].log)
        var codecs: [Compression?] = []
        log.forEachBatch { batch, bytes in
            codecs.append(batch.attributes.compression)
            #expect(RecordBatch.checksum(of: bytes) == batch.crc)
        }
        #expect(codecs == [codec, Compression.none])
        #expect(log.endOffset == 6)
    }

    @Test func `leaves alone a batch that cannot be opened, and what it may hold`() throws {
        var cluster = cluster()
        // Says gzip, and is not.
        _ = cluster.produce(batch(["a=1", "b=1"], compression: .gzip))
        _ = cluster.produce(batch(["a=2"]))
        _ = cluster.produce(batch(["a=3"]))
        cluster.pass(.seconds(15))
        let log = try #require(cluster.cluster.topics["t"]?.partitions[0].log)
        var bases: [Int64] = []
        log.forEachBatch { batch, _ in bases.append(batch.baseOffset) }
        #expect(bases == [0, 3])
    }

    @Test func `takes no record without a key`() {
        var cluster = cluster()
        #expect(cluster.produce(Batches.make(["a"]))?.errorCode == .invalidRecord)
    }

    @Test func `comes to rest`() {
        var cluster = cluster(["min.cleanable.dirty.ratio": "0"])
        _ = cluster.produce(batch(["a=1"]))
        cluster.pass(.seconds(15))
        #expect(cluster.cluster.nextDeadline == nil)
    }

    @Test(arguments: UInt64(0)..<60)
    func `holds the latest of every key after any history`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var cluster = cluster(["min.cleanable.dirty.ratio": "0", "delete.retention.ms": "\(seed % 2 * 1_000_000)"])
        var latest: [String: String] = [:]
        for step in 0..<60 {
            let keys = (0...Int.random(in: 0...4, using: &random)).map { _ in
                "k\(Int.random(in: 0..<8, using: &random))"
            }
            let records = keys.map { Bool.random(using: &random) ? "\($0)=\(step)" : $0 }
            for (key, record) in zip(keys, records) {
                latest[key] = record.contains("=") ? "\(step)" : ""
            }
            _ = cluster.produce(batch(records))
            if Int.random(in: 0..<4, using: &random) == 0 { cluster.pass(.seconds(20)) }
        }
        cluster.pass(.seconds(60))
        var found: [String: String] = [:]
        for record in try cluster.cluster.records(topic: "t", partition: 0, from: 0, limit: .max) {
            found[String(decoding: record.key ?? [], as: UTF8.self)] = record.text ?? ""
        }
        #expect(found.filter { !$0.value.isEmpty } == latest.filter { !$0.value.isEmpty })
    }
}
