import Connector
import FakeBroker
import Kafka
import KafkaSource
import TestSupport
import Testing

/// Letters on their way to a broker, by librdkafka.
@Suite struct DeadLetterTopicTests {
    /// A letter of a kilobyte, to a topic of a world's broker.
    private func send(properties: [Configuration.Property]) async throws -> Int {
        let world = try await World()
        var configuration = KafkaSourceConfiguration(brokers: [world.broker.bootstrapServers], group: "group")
        configuration.properties = properties
        let letters = try DeadLetterTopic(World.topic, configuration, logger: quiet, onFailure: { _ in })
        let event = Event(
            id: EventID(topic: "other", partition: 0, offset: 7),
            payload: Bytes([UInt8](repeating: 46, count: 1024)))
        do {
            try await letters.send(
                DeadLetter(event: event, function: FunctionName("f"), status: 500, attempts: 1, error: "500"))
        } catch {
            await letters.close()
            throw error
        }
        await letters.close()
        return try await world.broker.records(topic: World.topic).count
    }

    @Test func `letters that fit one by one are not refused for being many`() async throws {
        let world = try await World(topics: [])
        try await world.broker.createTopic(World.topic, partitions: 1, configs: ["max.message.bytes": "30000"])
        let configuration = KafkaSourceConfiguration(brokers: [world.broker.bootstrapServers], group: "group")
        let letters = try DeadLetterTopic(World.topic, configuration, logger: quiet, onFailure: { _ in })
        try await withThrowingTaskGroup { group in
            for offset in 0..<8 as Range<Int64> {
                let event = Event(
                    id: EventID(topic: "other", partition: 0, offset: offset),
                    payload: Bytes([UInt8](repeating: 46, count: 20_000)))
                group.addTask {
                    try await letters.send(
                        DeadLetter(event: event, function: FunctionName("f"), status: 500, attempts: 1, error: "500"))
                }
            }
            try await group.waitForAll()
        }
        await letters.close()
        #expect(try await world.broker.records(topic: World.topic).count == 8)
    }

    /// librdkafka would answer every letter so from then on.
    @Test func `a producer that failed for good says so`() async throws {
        let world = try await World()
        // OUT_OF_ORDER_SEQUENCE_NUMBER
        try await world.broker.intercept { $0.api == "Produce" ? .fail(.init(rawValue: 45)) : .handle }
        var configuration = KafkaSourceConfiguration(brokers: [world.broker.bootstrapServers], group: "group")
        configuration.properties = [.init(name: "enable.idempotence", value: "true")]
        let failure = Mutexed<Kafka.KafkaError?>(nil)
        let letters = try DeadLetterTopic(World.topic, configuration, logger: quiet) { error in
            failure.change { $0 = error }
        }
        let event = Event(id: EventID(topic: "other", partition: 0, offset: 7), payload: nil)
        let letter = DeadLetter(event: event, function: FunctionName("f"), status: 500, attempts: 1, error: "500")
        await #expect(throws: (any Error).self) { try await letters.send(letter) }
        try await eventually("it is told") { failure.value?.isFatal == true }
        await letters.close()
    }

    @Test func `a letter is in its topic once it is sent`() async throws {
        #expect(try await send(properties: []) == 1)
    }

    /// By its own bound librdkafka does not even ask the broker; to ask again for ever would hold up the lane.
    @Test func `a letter above message max bytes is refused for good`() async throws {
        await #expect(throws: DeadLetterRefusal.self) {
            try await send(properties: [.init(name: "message.max.bytes", value: "1000")])
        }
    }
}
