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
        let text = String(repeating: "x", count: 500_000)
        try await cluster.produce(Array(repeating: text, count: 8), to: "t")
        let consumer = try await cluster.consumer(topics: ["t"])
        _ = try await consumer.messages(8)
        let before = try residentBytes()
        for _ in 0..<100 {
            _ = try await consumer.seek(to: [TopicPartitionOffset(TopicPartition("t", 0), 0)])
            #expect(try await consumer.messages(8).count == 8)
        }
        // 400 MB went through.
        #expect(try residentBytes() - before < 150_000_000)
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
