import KafkaProtocol
import NIOCore
import Testing

@testable import FakeBroker

@Suite struct `What logs keep` {
    /// Its clock begins a thousand seconds after 1970.
    private func cluster(_ configs: [String: String]) -> VirtualCluster {
        VirtualCluster { $0.topics = [.init("t", configs: configs)] }
    }

    private func start(_ cluster: VirtualCluster) -> Int64 {
        cluster.cluster.topics["t"]?.partitions[0].log.startOffset ?? -1
    }

    private func values(_ cluster: VirtualCluster) throws -> [String] {
        try cluster.cluster.records(topic: "t", partition: 0, from: 0, limit: .max).map { $0.text ?? "-" }
    }

    // MARK: Age and size

    @Test func `records go when their time is over, at the next look`() throws {
        var cluster = cluster(["retention.ms": "60000", "segment.bytes": "100"])
        _ = cluster.produce(Batches.make(["old"], timestamp: 1_000_000))
        cluster.pass(.seconds(50))
        _ = cluster.produce(Batches.make(["new"], timestamp: 1_050_000))
        cluster.pass(.seconds(249))
        #expect(start(cluster) == 0)
        cluster.pass(.seconds(1))
        #expect(start(cluster) == 2)
        #expect(cluster.cluster.topics["t"]?.partitions[0].log.sizeInBytes == 0)
        #expect(cluster.cluster.nextDeadline == nil)
        // The log goes on where it was.
        #expect(cluster.produce(Batches.make(["next"], timestamp: 1_300_000))?.baseOffset == 2)
        #expect(try values(cluster) == ["next"])
    }

    @Test func `a young record keeps what lies after it`() {
        var cluster = cluster(["retention.ms": "60000", "segment.bytes": "100"])
        for timestamp in [Int64(1_000_000), 1_400_000, 1_000_000] {
            _ = cluster.produce(Batches.make(["x"], timestamp: timestamp))
        }
        cluster.pass(.seconds(300))
        #expect(start(cluster) == 1)
    }

    @Test func `the oldest go as long as enough is left`() throws {
        var cluster = cluster(["retention.bytes": "150", "retention.ms": "-1", "segment.bytes": "100"])
        for value in ["a", "b", "c", "d"] { _ = cluster.produce(Batches.make([value])) }
        cluster.pass(.seconds(300))
        #expect(try values(cluster) == ["b", "c", "d"])
        cluster.pass(.seconds(10_000))
        #expect(try values(cluster) == ["b", "c", "d"])
    }

    @Test func `nothing goes from a log without limits`() {
        var cluster = cluster(["retention.ms": "-1"])
        _ = cluster.produce(Batches.make(["a"]))
        #expect(cluster.cluster.nextDeadline == nil)
    }

    @Test func `the greatest retention is no deadline that overflows`() {
        var cluster = cluster(["retention.ms": "\(Int64.max)", "delete.retention.ms": "\(Int64.max)"])
        for timestamp in [Int64.max, 0, Int64.min] {
            _ = cluster.produce(Batches.make(["a"], timestamp: timestamp &- 9))
        }
        cluster.pass(.seconds(100_000))
        #expect(start(cluster) == 0)
    }

    @Test func `special times are answered from what is left`() throws {
        var cluster = cluster([:])
        for timestamp in [Int64(1000), 5000, 2000, 4000] {
            _ = cluster.produce(Batches.make(["x"], timestamp: timestamp))
        }
        _ = try #require(delete(2, in: &cluster))
        var found: [Int64] = []
        for timestamp in Int64(-5)...(-1) {
            var partition = ListOffsetsRequest.ListOffsetsPartition()
            partition.timestamp = timestamp
            var topic = ListOffsetsRequest.ListOffsetsTopic()
            topic.name = "t"
            topic.partitions = [partition]
            var request = ListOffsetsRequest()
            request.topics = [topic]
            guard case .listOffsets(let answer) = cluster.send(.listOffsets(request)) else { return }
            found.append(answer.topics[0].partitions[0].offset)
        }
        #expect(found == [-1, 2, 3, 2, 4])
    }

    // MARK: Deletion by hand

    private func delete(_ offset: Int64, in cluster: inout VirtualCluster) -> (ErrorCode, Int64)? {
        var partition = DeleteRecordsRequest.DeleteRecordsPartition()
        partition.offset = offset
        var topic = DeleteRecordsRequest.DeleteRecordsTopic()
        topic.name = "t"
        topic.partitions = [partition]
        var request = DeleteRecordsRequest()
        request.topics = [topic]
        guard case .deleteRecords(let answer) = cluster.send(.deleteRecords(request)) else { return nil }
        let result = answer.topics[0].partitions[0]
        return (result.errorCode, result.lowWatermark)
    }

    @Test func `records before an offset are deleted, within a batch too`() throws {
        var cluster = cluster([:])
        _ = cluster.produce(Batches.make(["a", "b", "c"], timestamp: 1000))
        _ = cluster.produce(Batches.make(["d"], timestamp: 2000))
        let first = try #require(delete(2, in: &cluster))
        #expect(first == (.none, 2))
        #expect(try values(cluster) == ["c", "d"])
        #expect(cluster.fetch(VirtualCluster.fetchRequest(offset: 1))?.only?.errorCode == .offsetOutOfRange)
        #expect(cluster.fetch(VirtualCluster.fetchRequest(offset: 2))?.only?.logStartOffset == 2)
        // What is gone is not found by its time.
        #expect(cluster.cluster.topics["t"]?.partitions[0].log.firstRecord(notBefore: 0)?.offset == 2)
        #expect(try #require(delete(1, in: &cluster)) == (.none, 2))
        #expect(try #require(delete(-1, in: &cluster)) == (.none, 4))
        #expect(cluster.cluster.topics["t"]?.partitions[0].log.sizeInBytes == 0)
        #expect(try #require(delete(5, in: &cluster)) == (.offsetOutOfRange, -1))
        #expect(try #require(delete(-2, in: &cluster)) == (.offsetOutOfRange, -1))
    }

    @Test func `a log that is only compacted is not deleted from`() throws {
        var cluster = cluster(["cleanup.policy": "compact"])
        #expect(try #require(delete(0, in: &cluster)) == (.policyViolation, -1))
    }

    @Test func `aborted transactions go with their records`() throws {
        var cluster = cluster([:])
        var client = TransactionalClient("x")
        #expect(cluster.initProducer(&client) == .none)
        #expect(cluster.write(["a"], &client) == .none)
        #expect(cluster.end(&client, commit: false) == .none)
        _ = cluster.produce(Batches.make(["b"]))
        #expect(cluster.cluster.topics["t"]?.partitions[0].aborted.count == 1)
        #expect(try #require(delete(2, in: &cluster)) == (.none, 2))
        #expect(cluster.cluster.topics["t"]?.partitions[0].aborted.count == 0)
        // One that is open loses what it has written, and holds back nothing before the start.
        #expect(cluster.write(["c"], &client) == .none)
        #expect(try #require(delete(-1, in: &cluster)) == (.none, 4))
        #expect(cluster.stableOffset() == 4)
    }

    // MARK: What is accepted

    @Test func `the time of an append takes the place of the record's own`() throws {
        var cluster = cluster(["message.timestamp.type": "LogAppendTime"])
        cluster.pass(.seconds(5))
        let result = cluster.produce(Batches.make(["a", "b"], timestamp: 7))
        #expect(result?.logAppendTimeMs == 1_005_000)
        let stored = try cluster.cluster.records(topic: "t", partition: 0, from: 0, limit: 9)
        #expect(stored.map(\.timestamp) == [1_005_000, 1_005_000])
        let records = try #require(cluster.fetch(VirtualCluster.fetchRequest())?.only?.records)
        let batch = try RecordBatch(headerOf: records)
        try batch.validate(records)
        #expect(batch.attributes.isLogAppendTime)
    }

    @Test func `a record's own time may be too far off`() {
        var cluster = cluster([
            "message.timestamp.after.max.ms": "1000", "message.timestamp.before.max.ms": "2000",
        ])
        for (timestamp, error) in [
            (Int64(1_001_000), ErrorCode.none), (1_001_001, .invalidTimestamp), (998_000, .none),
            (997_999, .invalidTimestamp),
        ] {
            #expect(cluster.produce(Batches.make(["a"], timestamp: timestamp))?.errorCode == error)
        }
    }

    @Test func `too few replicas are up for a producer that waits for all`() throws {
        var cluster = VirtualCluster { settings in
            settings.brokers = 3
            settings.topics = [.init("t", configs: ["min.insync.replicas": "2"])]
        }
        let replicas = try #require(cluster.cluster.topics["t"]?.partitions[0].replicas)
        cluster.change { cluster, _, _ in _ = cluster.setBroker(replicas[2], isUp: false) }
        #expect(cluster.produce(Batches.make(["a"]), broker: replicas[0])?.errorCode == ErrorCode.none)
        cluster.change { cluster, _, _ in _ = cluster.setBroker(replicas[1], isUp: false) }
        #expect(cluster.produce(Batches.make(["b"]), broker: replicas[0])?.errorCode == .notEnoughReplicas)
        #expect(cluster.produce(Batches.make(["b"]), acks: 1, broker: replicas[0])?.errorCode == ErrorCode.none)
    }
}
