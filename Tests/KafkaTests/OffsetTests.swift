import Kafka
import TestSupport
import Testing

@Suite struct OffsetTests {
    private let partition = TopicPartition("t", 0)

    @Test func `the next member starts where the last one committed`() async throws {
        let cluster = try MockCluster()
        cluster.createTopic("t")
        try await cluster.produce((0..<10).map(String.init), to: "t")
        let first = try await cluster.consumer(topics: ["t"])
        let messages = try await first.messages(4)
        #expect(try await first.committed([partition]).map(\.offset) == [nil])
        let results = try await first.commit(after: messages)
        #expect(results.map(\.partition) == [partition])
        #expect(results.map(\.error) == [nil])
        #expect(try await first.committed([partition]).map(\.offset) == [4])
        await first.close()

        let second = try await cluster.consumer(topics: ["t"])
        #expect(try await second.messages(6).map(\.text) == (4..<10).map(String.init))
        await second.close()
    }

    @Test func `stored offsets are committed only when asked`() async throws {
        let cluster = try MockCluster()
        cluster.createTopic("t")
        try await cluster.produce(["a", "b"], to: "t")
        let consumer = try await cluster.consumer(topics: ["t"])
        _ = try await consumer.messages(2)
        consumer.store([TopicPartitionOffset(TopicPartition("other", 0), 7)])
        consumer.store([TopicPartitionOffset(partition, 1)])
        consumer.store([TopicPartitionOffset(partition, 2)])
        #expect(try await consumer.committed([partition]).map(\.offset) == [nil])
        #expect(try await consumer.commitStored().map(\.offset) == [2])
        #expect(try await consumer.committed([partition]).map(\.offset) == [2])
        await consumer.close()
    }

    @Test(arguments: [
        ErrorCode.rebalanceInProgress, .illegalGeneration, .unknownMember, .groupAuthorizationFailed,
    ])
    func `a refused commit says so for its partition`(code: ErrorCode) async throws {
        let cluster = try MockCluster()
        cluster.createTopic("t")
        try await cluster.produce(["a"], to: "t")
        let consumer = try await cluster.consumer(topics: ["t"])
        let messages = try await consumer.messages(1)
        cluster.fail(.offsetCommit, with: [code])
        do {
            let results = try await consumer.commit(after: messages)
            #expect(results.map(\.error) == [code])
        } catch let error as KafkaError {
            #expect(error.code == code)
            #expect(error.operation == "committing offsets of group group")
        }
        await consumer.close()
    }

    @Test func `what was handed out under another assignment is not committed`() async throws {
        let cluster = try MockCluster()
        cluster.createTopic("t")
        try await cluster.produce(["a", "b"], to: "t")
        let consumer = try await cluster.consumer(topics: ["t"])
        let epoch = try await consumer.messages(2)[0].assignmentEpoch
        let place = TopicPartitionOffset(partition, 2)
        let lost = try await consumer.commit([place], under: [epoch + 1])
        #expect(lost.map(\.error) == [.state])
        #expect(try await consumer.committed([partition]).map(\.offset) == [nil])
        #expect(try await consumer.commit([place], under: [epoch]).map(\.error) == [nil])
        #expect(try await consumer.committed([partition]).map(\.offset) == [2])
        await consumer.close()
    }

    @Test func `what is left out of a commit is answered with the rest`() async throws {
        let cluster = try MockCluster()
        cluster.createTopic("t", partitions: 2)
        let (a, b) = (TopicPartition("t", 0), TopicPartition("t", 1))
        for partition in [a, b] { try await cluster.produce(["m"], to: "t", partition: partition.partition) }
        let consumer = try await cluster.consumer(topics: ["t"])
        let epoch = try await consumer.messages(2)[0].assignmentEpoch
        let results = try await consumer.commit([.init(b, 1), .init(a, 1)], under: [epoch + 1, epoch])
        #expect(results.map(\.partition) == [a, b])
        #expect(results.map(\.error) == [nil, .state])
        #expect(try await consumer.committed([a, b]).map(\.offset) == [1, nil])
        await consumer.close()
    }

    @Test func `a partition that is paused is silent until it is resumed`() async throws {
        let cluster = try MockCluster()
        cluster.createTopic("t", partitions: 2)
        let consumer = try await cluster.consumer(topics: ["t"])
        try await cluster.produce(["a0"], to: "t", partition: 0)
        try await cluster.produce(["a1"], to: "t", partition: 1)
        #expect(Set(try await consumer.messages(2).map(\.text)) == ["a0", "a1"])
        try await consumer.pause([partition])
        try await cluster.produce(["b0"], to: "t", partition: 0)
        try await cluster.produce((0..<50).map { "b1-\($0)" }, to: "t", partition: 1)
        #expect(try await consumer.messages(50, batch: 5).map(\.partition) == Array(repeating: 1, count: 50))
        try await consumer.resume([partition])
        #expect(try await consumer.messages(1).map(\.text) == ["b0"])
        await consumer.close()
    }

    @Test func `seeking goes back, and what was ready is dropped`() async throws {
        let cluster = try MockCluster()
        cluster.createTopic("t")
        try await cluster.produce((0..<20).map(String.init), to: "t")
        let consumer = try await cluster.consumer(topics: ["t"])
        #expect(try await consumer.messages(6, batch: 3).map(\.offset) == Array(0..<6))
        let results = try await consumer.seek(to: [TopicPartitionOffset(partition, 2)])
        #expect(results.map(\.error) == [nil])
        #expect(try await consumer.messages(18).map(\.offset) == Array(2..<20))
        #expect(try await consumer.positions(of: [partition]).map(\.offset) == [20])
        await consumer.close()
    }

    @Test func `seeking a partition that is not held is refused`() async throws {
        let cluster = try MockCluster()
        cluster.createTopic("t")
        let consumer = try await cluster.consumer(topics: ["t"])
        let results = try await consumer.seek(to: [TopicPartitionOffset(TopicPartition("other", 3), 2)])
        #expect(results.map(\.error) == [.unknownPartition])
        await consumer.close()
    }

    @Test func `watermarks are asked of the broker or taken from the last fetch`() async throws {
        let cluster = try MockCluster()
        cluster.createTopic("t")
        try await cluster.produce(["a", "b", "c"], to: "t")
        let consumer = try await cluster.consumer(topics: ["t"])
        _ = try await consumer.messages(1)
        let asked = try await consumer.queryWatermarks(of: partition)
        #expect(asked.low == 0)
        #expect(asked.high == 3)
        #expect(try await consumer.cachedWatermarks(of: partition).high == 3)
        let error = await #expect(throws: KafkaError.self) {
            try await consumer.queryWatermarks(of: TopicPartition("t", 9), timeout: .milliseconds(300))
        }
        #expect(error?.operation == "asking for watermarks of t/9")
        await consumer.close()
    }

    @Test func `given partitions are read from given offsets`() async throws {
        let cluster = try MockCluster()
        cluster.createTopic("t")
        try await cluster.produce(["a", "b", "c"], to: "t")
        let log = EventLog()
        let consumer = try Consumer(
            configuration: cluster.consumerConfiguration(group: "reader"), logger: quiet, onEvent: log.handler)
        try await consumer.assign([TopicPartitionOffset(partition, 1)])
        #expect(try await consumer.messages(2).map(\.text) == ["b", "c"])
        try await consumer.assign([TopicPartitionOffset(partition, TopicPartitionOffset.beginning)])
        #expect(try await consumer.messages(3).map(\.text) == ["a", "b", "c"])
        await consumer.close()
    }

    @Test func `the end of a partition is told if asked for`() async throws {
        let cluster = try MockCluster()
        cluster.createTopic("t")
        try await cluster.produce(["a"], to: "t")
        let log = EventLog()
        let consumer = try await cluster.consumer(topics: ["t"], log: log) { $0.reportsPartitionEOF = true }
        _ = try await consumer.messages(1)
        async let waiting = consumer.nextBatch(max: 1)
        try await eventually("end at 1") {
            log.all.contains { if case .endOfPartition(partition, 1) = $0 { true } else { false } }
        }
        await consumer.close()
        _ = try await waiting
    }
}
