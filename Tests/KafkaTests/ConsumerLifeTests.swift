import Foundation
import Kafka
import TestSupport
import Testing

extension Result where Failure == any Error {
    fileprivate init(_ body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}

@Suite struct ConsumerLifeTests {
    @Test func `a broker that is down is told`() async throws {
        let cluster = try MockCluster()
        cluster.createTopic("t")
        cluster.stop()
        let log = EventLog()
        let consumer = try await cluster.consumer(topics: ["t"], log: log) { $0["reconnect.backoff.max.ms"] = "200" }
        try await eventually("all brokers down") { log.errors.contains { $0.code == .allBrokersDown } }
        #expect(log.errors.allSatisfy { !$0.isFatal && $0.isRetriable })
        await consumer.close()
    }

    #if os(Linux)
        @Test func `its thread has a name of its own`() async throws {
            let cluster = try MockCluster()
            let consumer = try await cluster.consumer(topics: ["t"])
            // As `top -H` reads it.
            let tasks = "/proc/self/task"
            try await eventually("a thread is named kafka-consumer") {
                try FileManager.default.contentsOfDirectory(atPath: tasks).contains {
                    (try? String(contentsOfFile: "\(tasks)/\($0)/comm", encoding: .utf8)) == "kafka-consumer\n"
                }
            }
            await consumer.close()
        }
    #endif

    @Test func `closing ends a wait, and nothing comes after it`() async throws {
        let cluster = try MockCluster()
        cluster.createTopic("t")
        let consumer = try await cluster.consumer(topics: ["t"])
        async let waiting = consumer.nextBatch(max: 10)
        await consumer.close()
        #expect(try await waiting == nil)
        #expect(try await consumer.nextBatch(max: 10) == nil)
        await consumer.close()
        let error = await #expect(throws: KafkaError.self) { try await consumer.subscribe(to: ["t"]) }
        #expect(error?.code == .destroyed)
        #expect(error?.reason == "the client is closed")
        await #expect(throws: KafkaError.self) { try await consumer.commit([]) }
        await #expect(throws: KafkaError.self) { try await consumer.committed([TopicPartition("t", 0)]) }
    }

    @Test func `closing twice at once ends both`() async throws {
        let cluster = try MockCluster()
        let consumer = try await cluster.consumer(topics: ["t"])
        async let first: Void = consumer.close()
        async let second: Void = consumer.close()
        _ = await (first, second)
    }

    @Test func `closing does not wait for a broker that is gone`() async throws {
        let cluster = try MockCluster()
        cluster.createTopic("t")
        try await cluster.produce(["a"], to: "t")
        let consumer = try await cluster.consumer(topics: ["t"])
        _ = try await consumer.messages(1)
        cluster.stop()
        let start = ContinuousClock.now
        await consumer.close()
        #expect(start.duration(to: .now) < .seconds(15))
    }

    @Test func `closing before the group was joined ends at once`() async throws {
        let cluster = try MockCluster()
        cluster.stop()
        let consumer = try await cluster.consumer(topics: ["t"])
        let start = ContinuousClock.now
        await consumer.close()
        #expect(start.duration(to: .now) < .seconds(5))
    }

    /// As it would be held up by librdkafka.
    @Test func `closing does not wait for the consumer's thread for ever`() async throws {
        let cluster = try MockCluster()
        cluster.createTopic("t")
        let release = DispatchSemaphore(value: 0)
        let isHeld = Mutexed(false)
        var configuration = cluster.consumerConfiguration(group: "group")
        configuration.statisticsInterval = .milliseconds(50)
        let consumer = try Consumer(
            configuration: configuration, logger: quiet, closeTimeout: .milliseconds(100),
            onEvent: { _ in
                let isFirst = isHeld.change { isHeld in
                    defer { isHeld = true }
                    return !isHeld
                }
                if isFirst { release.wait() }
            })
        try await eventually("its thread is held up") { isHeld.value }
        await consumer.close()
        release.signal()
    }

    @Test func `a cancelled wait ends, and the consumer goes on`() async throws {
        let cluster = try MockCluster()
        cluster.createTopic("t")
        let consumer = try await cluster.consumer(topics: ["t"])
        let waiting = Task { try await consumer.nextBatch(max: 1) }
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
        try await cluster.produce(["a"], to: "t")
        #expect(try await consumer.messages(1).map(\.text) == ["a"])
        await consumer.close()
    }

    @Test func `a second reader is refused while the first waits`() async throws {
        let cluster = try MockCluster()
        let consumer = try await cluster.consumer(topics: ["t"])
        await withTaskGroup { group in
            for _ in 0..<2 {
                group.addTask { await Result { try await consumer.nextBatch(max: 1) } }
            }
            // Whichever comes second is told so; the other goes on waiting until the end.
            let refused = await group.next()
            #expect(throws: KafkaError.self) { try refused?.get() }
            await consumer.close()
            let other = await group.next()
            #expect(throws: Never.self) { try other?.get() }
        }
    }

    @Test func `draining hands out nothing more but still commits`() async throws {
        let cluster = try MockCluster()
        cluster.createTopic("t")
        try await cluster.produce(["a", "b"], to: "t")
        let consumer = try await cluster.consumer(topics: ["t"])
        let messages = try await consumer.messages(1)
        consumer.drain()
        #expect(try await consumer.nextBatch(max: 1) == nil)
        let results = try await consumer.commit(after: messages)
        #expect(results.map(\.error) == [nil])
        #expect(try await consumer.committed([TopicPartition("t", 0)]).map(\.offset) == [1])
        await consumer.close()
    }

    @Test func `a message outlives its consumer`() async throws {
        let cluster = try MockCluster()
        cluster.createTopic("t")
        try await cluster.produce(["kept"], to: "t")
        var message: ConsumerMessage?
        do {
            let consumer = try await cluster.consumer(topics: ["t"])
            message = try await consumer.messages(1).first
            await consumer.close()
        }
        #expect(message?.text == "kept")
        #expect(message?.topic == "t")
        message = nil
    }

    @Test func `a consumer that is dropped without closing leaves the group`() async throws {
        let cluster = try MockCluster()
        cluster.createTopic("t")
        try await cluster.produce(["a"], to: "t")
        do {
            let dropped = try await cluster.consumer(topics: ["t"])
            _ = try await dropped.messages(1)
        }
        let next = try await cluster.consumer(topics: ["t"])
        #expect(try await next.messages(1).map(\.text) == ["a"])
        await next.close()
    }
}
