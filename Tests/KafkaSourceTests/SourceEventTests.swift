import Connector
import FakeBroker
import Kafka
import KafkaSource
import TestSupport
import Testing

/// What an event says, and how the stream begins and ends.
@Suite struct SourceEventTests {
    @Test func `an event says where it stands and carries the record as it is`() async throws {
        let world = try await World(partitions: 3)
        let record = FakeBroker.Record(
            key: Array("key".utf8), value: [0, 0xFF, 1],
            headers: [.init("a", [1]), .init("b", []), .init("a", nil)], timestamp: 1_700_000_000_123)
        try await world.broker.append([record], to: World.topic, partition: 2)
        let (source, _) = try await world.source()
        let event = try #require(try await source.events(1).first)
        #expect(event.id == EventID(topic: World.topic, partition: 2, offset: 0))
        #expect(event.epoch == Epoch(1))
        #expect(event.payload?.array == [0, 0xFF, 1])
        #expect(event.key?.text == "key")
        #expect(event.timestampMilliseconds == 1_700_000_000_123)
        #expect(event.headers.map(\.name) == ["a", "b", "a"])
        #expect(event.headers.map(\.value?.array) == [[1], [], nil])
        #expect(
            event.attributes.map { "\($0.name): \($0.value)" }
                == ["X-Kafka-Partition: 2", "X-Kafka-Offset: 0", "X-Kafka-Key: key"])
        await source.close()
        // The event's bytes outlive the source.
        #expect(event.payload?.array == [0, 0xFF, 1])
    }

    @Test(arguments: [nil, [] as [UInt8], [UInt8](repeating: 7, count: 1_000_000)])
    func `tombstones, empty and large payloads arrive as they are`(value: [UInt8]?) async throws {
        let world = try await World()
        try await world.broker.append([FakeBroker.Record(value: value)], to: World.topic)
        let (source, _) = try await world.source()
        let event = try #require(try await source.events(1).first)
        #expect(event.isTombstone == (value == nil))
        #expect(event.payload?.array == value)
        #expect(event.key == nil)
        #expect(event.attributes.map(\.name) == ["X-Kafka-Partition", "X-Kafka-Offset"])
        await source.close()
    }

    @Test func `a broker that is down at the start is waited for`() async throws {
        let world = try await World()
        try await world.append(["a"])
        try await world.broker.stopBroker(1)
        let (source, notices) = try await world.source()
        let events = Task { try await source.events(1) }
        try await eventually("told that there is no broker") {
            notices.all.contains { if case .transientFailure = $0 { true } else { false } }
        }
        try await world.broker.startBroker(1)
        #expect(try await events.value.map(\.text) == ["a"])
        #expect(notices.all.contains(.connected(to: world.broker.bootstrapServers)))
        await source.close()
    }

    @Test func `a broker that goes away and comes back is told, and nothing is lost`() async throws {
        let world = try await World()
        let (source, notices) = try await world.source {
            $0.properties.append(.init(name: "statistics.interval.ms", value: "50"))
        }
        try await eventually("assigned") { notices.held == [0] }
        try await world.broker.stopBroker(1)
        try await eventually("told") {
            notices.all.contains { if case .disconnected = $0 { true } else { false } }
        }
        try await world.broker.startBroker(1)
        try await world.append(["a"])
        #expect(try await source.events(1).map(\.text) == ["a"])
        try await eventually("told that it is back") {
            notices.all.count { if case .connected = $0 { true } else { false } } == 2
        }
        await source.close()
    }

    @Test func `a group that may not be joined ends the stream`() async throws {
        let world = try await World()
        try await world.broker.intercept { request in
            request.api == "JoinGroup" ? .fail(.init(rawValue: 30)) : .handle
        }
        let (source, _) = try await world.source()
        let error = await #expect(throws: Kafka.KafkaError.self) { try await source.next(limit: 1) }
        #expect(error?.code == .groupAuthorizationFailed)
        await source.close()
    }

    @Test func `cancelling ends the wait without an error`() async throws {
        let world = try await World()
        let (source, _) = try await world.source()
        let waiting = Task { try await source.next(limit: 1) }
        waiting.cancel()
        #expect(try await waiting.value == nil)
        try await world.append(["a"])
        #expect(try await source.events(1).map(\.text) == ["a"])
        await source.close()
    }

    @Test func `draining and closing end the wait, and nothing comes after`() async throws {
        let world = try await World()
        let (source, _) = try await world.source()
        let waiting = Task { try await source.next(limit: 1) }
        await source.drain()
        #expect(try await waiting.value == nil)
        try await world.append(["a"])
        #expect(try await source.next(limit: 1) == nil)
        await source.close()
        await source.close()
        #expect(try await source.next(limit: 1) == nil)
        await #expect(throws: Kafka.KafkaError.self) { try await source.start(topics: ["t"], notices: { _ in }) }
    }

    @Test func `a subscription changes while the source runs`() async throws {
        let world = try await World()
        try await world.broker.createTopic("other")
        let (source, _) = try await world.source()
        try await world.append(["a"])
        #expect(try await source.events(1).map(\.topic) == [World.topic])
        try await source.subscribe(to: ["other"])
        try await world.broker.append([FakeBroker.Record("b")], to: "other")
        #expect(try await source.events(1).map(\.topic) == ["other"])
        await source.close()
    }

    @Test func `a paused partition is silent, in order again once resumed`() async throws {
        let world = try await World(partitions: 2)
        let (source, notices) = try await world.source()
        try await eventually("assigned") { notices.held == [0, 1] }
        try await world.append((0..<100).map { "0-\($0)" }, partition: 0)
        try await world.append((0..<100).map { "1-\($0)" }, partition: 1)
        var events = try await source.events(20, limit: 8)
        await source.pause([SourcePartition(topic: World.topic, partition: 0)])
        let during = try await source.events(50, limit: 8)
        #expect(during.allSatisfy { $0.id.partition == 1 })
        events += during
        await source.resume([SourcePartition(topic: World.topic, partition: 0)])
        events += try await source.events(200 - events.count, limit: 8)
        for partition in 0..<2 {
            let texts = events.filter { $0.id.partition == partition }.map(\.text)
            #expect(texts == (0..<100).map { "\(partition)-\($0)" })
        }
        await source.close()
    }
}
