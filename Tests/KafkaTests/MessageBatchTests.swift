import Kafka
import Synchronization
import Testing

@Suite struct MessageBatchTests {
    private final class Tokens: Sendable {
        private let all = Mutex<[UInt]>([])

        func take(_ reports: Span<DeliveryReport>) {
            all.withLock { all in
                for index in reports.indices where reports[index].error == nil { all.append(reports[index].token) }
            }
        }

        var inOrder: [UInt] { all.withLock { $0 } }
    }

    private func append(_ text: String, token: UInt, partition: Int32 = 0, to batch: inout MessageBatch) {
        let start = batch.bytes.count
        batch.bytes += text.utf8
        batch.append(.init(key: nil, value: start..<batch.bytes.count, partition: partition, token: token))
    }

    @Test func `a batch arrives in its order, tombstones and empty values as such`() async throws {
        let cluster = try MockCluster()
        cluster.createTopic("t")
        let tokens = Tokens()
        let producer = try Producer(
            configuration: cluster.producerConfiguration(), logger: quiet, onDelivery: tokens.take)
        let topic = try producer.topic("t")
        var batch = MessageBatch()
        batch.append(.init(key: nil, value: 0..<0, partition: 0, token: 1))
        batch.append(.init(key: nil, value: nil, partition: 0, token: 2))
        batch.bytes += "keyvalue".utf8
        batch.append(.init(key: 0..<3, value: 3..<8, partition: 0, token: 3))
        let outcome = try topic.tryProduce(batch)
        #expect(outcome.end == 3 && outcome.refusals.isEmpty && outcome.full == nil)
        batch.removeAll()
        append("next", token: 4, to: &batch)
        #expect(try topic.tryProduce(batch).end == 1)
        #expect(try topic.tryProduce(MessageBatch()).end == 0)
        await producer.close()
        #expect(tokens.inOrder == [1, 2, 3, 4])
        let consumer = try await cluster.consumer(topics: ["t"])
        let messages = try await consumer.messages(4)
        #expect(messages.map(\.payload) == [[], nil, Array("value".utf8), Array("next".utf8)])
        #expect(messages.map(\.key) == [nil, nil, Array("key".utf8), nil])
        await consumer.close()
    }

    @Test func `headers and timestamps go with each message`() async throws {
        let cluster = try MockCluster()
        cluster.createTopic("t", partitions: 2)
        let producer = try Producer(configuration: cluster.producerConfiguration(), logger: quiet)
        var batch = MessageBatch(headers: [MessageHeader("all", "x"), MessageHeader("none", nil)], ownHeader: "own")
        batch.bytes += "v12".utf8
        batch.now = 1_700_000_000_001
        batch.append(.init(key: nil, value: 0..<1, header: 1..<2, partition: 1, timestampMilliseconds: 5, token: 1))
        batch.append(.init(key: nil, value: 0..<1, header: 2..<3, partition: 1, token: 2))
        batch.append(.init(key: nil, value: 0..<1, partition: 1, token: 3))
        #expect(try producer.topic("t").tryProduce(batch).end == 3)
        await producer.close()
        let consumer = try await cluster.consumer(topics: ["t"])
        let messages = try await consumer.messages(3)
        #expect(messages.map(\.partition) == [1, 1, 1])
        #expect(messages[0].headers == batch.headers + [MessageHeader("own", "1")])
        #expect(messages[1].headers == batch.headers + [MessageHeader("own", "2")])
        #expect(messages[2].headers == batch.headers)
        #expect(messages[0].timestamp?.milliseconds == 5)
        #expect(messages[1].timestamp?.milliseconds == 1_700_000_000_001)
        await consumer.close()
    }

    @Test(arguments: [true, false]) func `a full queue takes the rest later, in order`(hasHeaders: Bool) async throws {
        let cluster = try MockCluster()
        cluster.createTopic("t")
        var configuration = cluster.producerConfiguration()
        configuration.queueMaxMessages = 10
        let tokens = Tokens()
        let producer = try Producer(configuration: configuration, logger: quiet, onDelivery: tokens.take)
        let topic = try producer.topic("t")
        var batch = MessageBatch(headers: hasHeaders ? [MessageHeader("a", "b")] : [])
        for token in 0..<200 { append("\(token)", token: UInt(token), to: &batch) }
        var first = 0
        var waits = 0
        while true {
            let outcome = try topic.tryProduce(batch, from: first)
            #expect(outcome.refusals.isEmpty)
            first = outcome.end
            guard let mark = outcome.full else { break }
            waits += 1
            await topic.waitForRoom(since: mark)
        }
        #expect(first == 200 && waits > 0)
        await producer.close()
        #expect(tokens.inOrder == Array(0..<200))
    }

    @Test(arguments: [true, false]) func `what is too large is refused, and the others go`(
        hasHeaders: Bool
    ) async throws {
        let cluster = try MockCluster()
        cluster.createTopic("t")
        var configuration = cluster.producerConfiguration()
        configuration["message.max.bytes"] = "1000"
        let tokens = Tokens()
        let producer = try Producer(configuration: configuration, logger: quiet, onDelivery: tokens.take)
        var batch = MessageBatch(headers: hasHeaders ? [MessageHeader("a", "b")] : [])
        append("first", token: 1, to: &batch)
        append(String(repeating: "x", count: 2_000), token: 2, to: &batch)
        append("last", token: 3, to: &batch)
        let topic = try producer.topic("t")
        let outcome = try topic.tryProduce(batch)
        #expect(outcome.end == 3 && outcome.full == nil)
        #expect(outcome.refusals.map(\.code) == [.messageTooLarge])
        #expect(outcome.refusals.first?.operation == "producing to t")
        await producer.close()
        #expect(tokens.inOrder == [1, 3])
        let error = #expect(throws: KafkaError.self) { try topic.tryProduce(batch) }
        #expect(error?.code == .destroyed)
    }
}
