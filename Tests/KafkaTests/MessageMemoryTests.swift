import Foundation
import Testing

@testable import Kafka

@Suite struct MessageMemoryTests {
    @Test func `the last message, not closing, ends the client's memory`() async throws {
        let cluster = try MockCluster()
        cluster.createTopic("t")
        try await cluster.produce(["a", "b"], to: "t")
        let consumer = try await cluster.consumer(topics: ["t"])
        var messages = try await consumer.messages(2)
        weak let client = messages[0].origin.client
        weak let first = messages[0]
        await consumer.close()
        #expect(client != nil)
        messages.removeFirst()
        #expect(first == nil)
        #expect(messages.map(\.text) == ["b"])
        messages.removeAll()
        #expect(client == nil)
    }

    @Test func `closing ends the client when no message is left`() async throws {
        let cluster = try MockCluster()
        cluster.createTopic("t")
        try await cluster.produce(["a"], to: "t")
        let consumer = try await cluster.consumer(topics: ["t"])
        weak let client = try await consumer.messages(1).first?.origin.client
        #expect(client != nil)
        await consumer.close()
        #expect(client == nil)
    }

    @Test func `messages of one topic share its name`() async throws {
        let cluster = try MockCluster()
        let topic = "a topic whose name needs memory of its own"
        cluster.createTopic(topic)
        try await cluster.produce((0..<10).map(String.init), to: topic)
        let consumer = try await cluster.consumer(topics: [topic])
        let messages = try await consumer.messages(10, batch: 3)
        #expect(Set(messages.map { ObjectIdentifier($0.origin) }).count == 1)
        await consumer.close()
    }

    @Test func `memory does not grow with what was read`() async throws {
        let cluster = try MockCluster()
        cluster.createTopic("t")
        let value = [UInt8](repeating: 0x78, count: 900_000)
        let producer = try Producer(configuration: cluster.producerConfiguration(), logger: quiet)
        let topic = try producer.topic("t")
        let consumer = try await cluster.consumer(topics: ["t"])
        // Other tests run in this process too, and take memory of their own. What grows here grows each time.
        var smallest = Int.max
        for _ in 0..<3 where smallest >= 300_000_000 {
            var before = 0
            for round in 0..<180 {
                for _ in 0..<4 { _ = try topic.tryProduce(value: value, partition: 0, token: 0) }
                #expect(try await consumer.messages(4).count == 4)
                if round == 10 { before = try residentBytes() }
            }
            // 600 MB went through since.
            smallest = min(smallest, try residentBytes() - before)
        }
        await producer.close()
        #expect(smallest < 300_000_000)
        await consumer.close()
    }

    private func residentBytes() throws -> Int {
        #if os(Linux)
            let pages = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")
            return try #require(Int(pages[1])) * 4096
        #else
            return 0
        #endif
    }
}
