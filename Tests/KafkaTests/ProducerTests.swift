import Kafka
import Synchronization
import Testing

@Suite struct ProducerTests {
    /// Counts reports by token and by error.
    private final class Reports: Sendable {
        private let counts = Mutex<(byToken: [UInt: Int], byError: [ErrorCode: Int])>(([:], [:]))

        func take(_ reports: Span<DeliveryReport>) {
            counts.withLock { counts in
                for index in reports.indices {
                    counts.byToken[reports[index].token, default: 0] += 1
                    if let error = reports[index].error { counts.byError[error, default: 0] += 1 }
                }
            }
        }

        var byToken: [UInt: Int] { counts.withLock { $0.byToken } }
        var byError: [ErrorCode: Int] { counts.withLock { $0.byError } }
    }

    private func produce(_ tokens: Range<UInt>, to topic: ProducerTopic) async throws -> Int {
        var waits = 0
        for token in tokens {
            produce: while true {
                switch try topic.tryProduce(value: [1, 2, 3], token: token) {
                case .taken: break produce
                case .full(let mark):
                    waits += 1
                    await topic.waitForRoom(since: mark)
                }
            }
        }
        return waits
    }

    @Test func `every message is reported exactly once`() async throws {
        let cluster = try MockCluster()
        cluster.createTopic("t", partitions: 3)
        let reports = Reports()
        let producer = try Producer(
            configuration: cluster.producerConfiguration(), logger: quiet, onDelivery: reports.take)
        _ = try await produce(0..<5_000, to: producer.topic("t"))
        try await producer.flush(timeout: .seconds(20))
        #expect(reports.byToken.count == 5_000)
        #expect(reports.byToken.values.allSatisfy { $0 == 1 })
        #expect(reports.byError == [:])
        await producer.close()
    }

    @Test func `a full queue makes the producer wait, not fail`() async throws {
        let cluster = try MockCluster()
        cluster.createTopic("t")
        var configuration = cluster.producerConfiguration()
        configuration.queueMaxMessages = 10
        let reports = Reports()
        let producer = try Producer(configuration: configuration, logger: quiet, onDelivery: reports.take)
        let topic = try producer.topic("t")
        let waits = try await produce(0..<500, to: topic)
        #expect(waits > 0)
        // Those who wait for their report wait for room as well.
        let sent = try await withThrowingTaskGroup { group in
            for number in 0..<100 { group.addTask { try await topic.send(value: [UInt8(number)]).offset } }
            return try await group.reduce(into: Set<Int64>()) { $0.insert($1) }
        }
        #expect(sent.count == 100)
        await producer.close()
        #expect(reports.byToken.count == 500)
        #expect(reports.byError == [:])
    }

    @Test func `what cannot be delivered is reported when the producer closes`() async throws {
        let cluster = try MockCluster()
        cluster.createTopic("t")
        let reports = Reports()
        let producer = try Producer(
            configuration: cluster.producerConfiguration(), logger: quiet, onDelivery: reports.take)
        let topic = try producer.topic("t")
        _ = try await topic.send(value: [0], partition: 0)
        cluster.stop()
        _ = try await produce(0..<7, to: topic)
        let waiting = Task { try await topic.send(value: [1]) }
        await producer.close(timeout: .milliseconds(100))
        #expect(reports.byToken.count == 7)
        #expect(reports.byError.values.reduce(0, +) == 7)
        #expect(reports.byError.keys.allSatisfy { $0 == .purgedFromQueue || $0 == .purgedInFlight })
        await #expect(throws: KafkaError.self) { _ = try await waiting.value }
        await producer.close()
        let error = #expect(throws: KafkaError.self) { try topic.tryProduce(value: [1], token: 0) }
        #expect(error?.code == .destroyed)
        #expect(error?.operation == "producing to t")
        #expect(throws: KafkaError.self) { try producer.topic("t") }
    }

    @Test func `the broker's refusal reaches the sender`() async throws {
        let cluster = try MockCluster()
        cluster.createTopic("t")
        let producer = try Producer(configuration: cluster.producerConfiguration(), logger: quiet)
        cluster.fail(.produce, with: [.topicAuthorizationFailed])
        let error = await #expect(throws: KafkaError.self) { try await producer.topic("t").send(value: [1]) }
        #expect(error?.code == .topicAuthorizationFailed)
        #expect(error?.operation == "producing to t")
        await producer.close()
    }

    @Test func `a message that is too large is refused at once`() async throws {
        let cluster = try MockCluster()
        cluster.createTopic("t")
        var configuration = cluster.producerConfiguration()
        configuration["message.max.bytes"] = "1000"
        let producer = try Producer(configuration: configuration, logger: quiet)
        let large = [UInt8](repeating: 0, count: 2_000)
        let topic = try producer.topic("t")
        let error = #expect(throws: KafkaError.self) { try topic.tryProduce(value: large, token: 0) }
        #expect(error?.code == .messageTooLarge)
        await producer.close()
    }

    @Test func `keys decide the partition as Java's clients do`() async throws {
        let cluster = try MockCluster()
        cluster.createTopic("t", partitions: 8)
        var configuration = cluster.producerConfiguration()
        configuration.partitioner = .murmur2Random
        let producer = try Producer(configuration: configuration, logger: quiet)
        let topic = try producer.topic("t")
        // murmur2 of "21" is -973932308; without its sign bit, modulo 8, that is 4.
        #expect(try await topic.send(key: Array("21".utf8), value: [1]).partition == 4)
        #expect(try await topic.send(key: Array("21".utf8), value: [2], partition: 6).partition == 6)
        await producer.close()
    }

    @Test func `partitions are counted, and an unreachable broker is told in time`() async throws {
        let cluster = try MockCluster()
        cluster.createTopic("t", partitions: 5)
        let producer = try Producer(configuration: cluster.producerConfiguration(), logger: quiet)
        #expect(try await producer.partitionCount(of: "t", timeout: .seconds(10)) == 5)
        cluster.stop()
        await #expect(throws: KafkaError.self) {
            try await producer.partitionCount(of: "t", timeout: .milliseconds(200))
        }
        await producer.close()
    }

    @Test func `flushing says when it was not enough`() async throws {
        let cluster = try MockCluster()
        cluster.createTopic("t")
        let producer = try Producer(configuration: cluster.producerConfiguration(), logger: quiet)
        cluster.stop()
        _ = try await produce(0..<1, to: producer.topic("t"))
        let error = await #expect(throws: KafkaError.self) { try await producer.flush(timeout: .milliseconds(50)) }
        #expect(error?.code == .timedOut)
        await producer.close(timeout: .milliseconds(50))
    }
}
