import Kafka
import Synchronization
import TestSupport
import Testing

@Suite struct RoundTripTests {
    struct Sample: Sendable, CustomTestStringConvertible {
        let name: String
        var key: [UInt8]?
        var value: [UInt8]?
        var headers: [MessageHeader] = []

        var testDescription: String { name }
    }

    static let samples = [
        Sample(name: "text", value: Array("Test the function.".utf8)),
        Sample(name: "key", key: Array("k".utf8), value: [1]),
        Sample(name: "empty key", key: [], value: [1]),
        Sample(name: "binary", key: [0, 0xFF], value: [0xFF, 0xFE, 0, 1]),
        Sample(name: "empty value", value: []),
        Sample(name: "tombstone", key: [7], value: nil),
        Sample(name: "1 MiB", value: [UInt8](repeating: 0x5A, count: 1 << 20)),
        Sample(
            name: "headers", value: [1],
            headers: [
                MessageHeader("a", "1"), MessageHeader("b", [] as [UInt8]), MessageHeader("a", "2"),
                MessageHeader("none", nil), MessageHeader("größe", [0xC3, 0x28]),
            ]),
        Sample(name: "headers on a tombstone", value: nil, headers: [MessageHeader("reason", "gone")]),
    ]

    @Test(arguments: samples)
    func `what is produced is what is consumed`(sample: Sample) async throws {
        let cluster = try MockCluster()
        cluster.createTopic("t")
        var configuration = cluster.producerConfiguration()
        configuration["message.max.bytes"] = "2000000"
        let producer = try Producer(configuration: configuration, logger: quiet)
        let report = try await producer.topic("t").send(
            key: sample.key, value: sample.value, partition: 0, headers: sample.headers,
            timestampMilliseconds: 1_700_000_000_123)
        #expect(report.offset == 0)
        #expect(report.partition == 0)
        await producer.close()

        let consumer = try await cluster.consumer(topics: ["t"])
        let message = try #require(try await consumer.messages(1).first)
        #expect(message.topic == "t")
        #expect(message.partition == 0)
        #expect(message.offset == 0)
        #expect(message.key == sample.key)
        #expect(message.payload == sample.value)
        #expect(message.isTombstone == (sample.value == nil))
        #expect(message.payloadCount == sample.value?.count ?? 0)
        #expect(message.keyCount == sample.key?.count ?? 0)
        #expect(message.headers == sample.headers)
        #expect(message.headerCount == sample.headers.count)
        #expect(message.timestamp?.milliseconds == 1_700_000_000_123)
        #expect(message.timestamp?.kind == .created)
        #expect(message.withPayload { $0.byteCount } == message.payloadCount)
        await consumer.close()
    }

    @Test func `the order of a partition holds over many batches`() async throws {
        let cluster = try MockCluster()
        cluster.createTopic("t", partitions: 2)
        let texts = (0..<5_000).map(String.init)
        try await cluster.produce(texts, to: "t", partition: 1)
        let consumer = try await cluster.consumer(topics: ["t"])
        let messages = try await consumer.messages(texts.count, batch: 64)
        #expect(messages.map(\.text) == texts)
        #expect(messages.map(\.offset) == (0..<5_000).map(Int64.init))
        #expect(messages.allSatisfy { $0.partition == 1 })
        await consumer.close()
    }

    @Test func `a batch is never larger than asked for`() async throws {
        let cluster = try MockCluster()
        cluster.createTopic("t")
        try await cluster.produce((0..<100).map(String.init), to: "t")
        let consumer = try await cluster.consumer(topics: ["t"])
        // What was made ready for a large reader is then taken by a small one.
        var got: [Int64] = []
        for max in [1, 50, 3, 7, 1] {
            let batch = try #require(try await consumer.nextBatch(max: max))
            #expect((1...max).contains(batch.messages.count))
            got += batch.messages.map(\.offset)
        }
        #expect(got == Array(0..<Int64(got.count)))
        await consumer.close()
    }

    @Test func `statistics tell brokers, group and lag`() async throws {
        let cluster = try MockCluster(brokers: 3)
        cluster.createTopic("t")
        try await cluster.produce((0..<10).map(String.init), to: "t")
        let log = EventLog()
        let consumer = try await cluster.consumer(topics: ["t"], log: log) {
            $0.statisticsInterval = .milliseconds(50)
        }
        let first = try await consumer.messages(4)
        #expect(try await consumer.commit(after: first).map(\.offset) == [4])
        try await eventually("lag of 6") {
            log.statistics.contains { $0.partitions.first { $0.partition == TopicPartition("t", 0) }?.lag == 6 }
        }
        let last = try #require(log.statistics.last)
        #expect(last.brokersUp >= 1)
        #expect(last.group?.state == "up")
        #expect(last.group?.rebalanceCount == 1)
        #expect(last.group?.assignmentCount == 1)
        #expect(last.partitions.first?.highWatermark == 10)
        await consumer.close()
    }
}
