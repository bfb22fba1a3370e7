import Connector
import FakeBroker
import Kafka
import KafkaSource
import TestSupport
import Testing

/// Committed after it was handled, together with all before it.
@Suite struct AtLeastOnceTests {
    @Test func `the settled prefix is committed, and the rest comes again`() async throws {
        let world = try await World()
        try await world.append(["a", "b", "c", "d"])
        let (source, notices) = try await world.source { $0.delivery = .atLeastOnce }
        let events = try await source.events(4)
        await source.settle([Settlement(events[0], .accept), Settlement(events[2], .accept)])
        try await eventually("the first is committed") { try await world.committed() == 1 }
        await source.settle([Settlement(events[1], .reject(reason: "poison"))])
        try await eventually("three are committed") { try await world.committed() == 3 }
        await source.settle([Settlement(events[1], .accept)])
        #expect(notices.all.contains(.settlementIgnored(events[1].id, reason: "settled before")))
        await source.close()

        let (next, _) = try await world.source { $0.delivery = .atLeastOnce }
        #expect(try await next.events(1).map(\.text) == ["d"])
        await next.close()
    }

    @Test func `what was settled last is committed when the source closes`() async throws {
        let world = try await World()
        try await world.append(["a", "b"])
        let (source, _) = try await world.source {
            $0.delivery = .atLeastOnce
            $0.properties.append(.init(name: "auto.commit.interval.ms", value: "3600000"))
        }
        let events = try await source.events(2)
        await source.settle(events.map { Settlement($0, .accept) })
        await source.close()
        #expect(try await world.committed() == 2)
    }

    @Test func `what was only handed out is never committed`() async throws {
        let world = try await World()
        try await world.append(["a", "b"])
        let (source, _) = try await world.source { $0.delivery = .atLeastOnce }
        _ = try await source.events(2)
        await source.close()
        #expect(try await world.committed() == nil)
    }

    /// librdkafka commits by itself only what is beyond what it committed before.
    @Test(arguments: [false, true])
    func `what is settled of a log that was made anew is committed, too`(isGivenUpBetween: Bool) async throws {
        let world = try await World()
        try await world.append(["a", "b", "c", "d", "e"])
        let (source, notices) = try await world.source {
            $0.delivery = .atLeastOnce
            $0.properties.append(.init(name: "topic.metadata.refresh.interval.ms", value: "200"))
        }
        let old = try await source.events(5)
        await source.settle(old.map { Settlement($0, .accept) })
        try await eventually("all are committed") { try await world.committed() == 5 }
        try await world.broker.deleteTopic(World.topic)
        if isGivenUpBetween { try await eventually("it is given up") { notices.held == [] } }
        try await world.broker.createTopic(World.topic, partitions: 1)
        try await world.append(["f", "g"])
        let new = try await source.events(2)
        #expect(new.map(\.id.offset) == [0, 1])
        await source.settle(new.map { Settlement($0, .accept) })
        try await eventually("the new ones are committed") { try await world.committed() == 2 }
        await source.close()
        #expect(try await world.committed() == 2)
    }

    @Test func `an event of a log that was made anew is not settled by the old one of its offset`() async throws {
        let world = try await World()
        try await world.append(["a", "b", "c"])
        let (source, notices) = try await world.source { $0.delivery = .atLeastOnce }
        let old = try await source.events(3)
        try await world.broker.deleteTopic(World.topic)
        try await world.broker.createTopic(World.topic, partitions: 1)
        try await world.append(["d", "e"])
        let new = try await source.events(2)
        #expect(new.map(\.id) == old.prefix(2).map(\.id))
        #expect(old.allSatisfy { !source.holds($0) } && new.allSatisfy { source.holds($0) })
        // Unless librdkafka saw that the topic was gone.
        let isGivenUp = notices.all.contains { if case .rebalanced([], _) = $0 { true } else { false } }
        let isTold = notices.all.contains { "\($0)".contains("faas-request/0 goes on at offset 0, which was passed") }
        #expect(isTold || isGivenUp)
        await source.settle(old.map { Settlement($0, .accept) })
        for event in old {
            #expect(notices.all.contains(.settlementIgnored(event.id, reason: "stale epoch")))
        }
        await source.settle([Settlement(new[0], .accept)])
        await source.close()
        #expect(try await world.committed() == 1)
    }

    /// It would tell the error of the one for both, and nobody would hear of it.
    @Test func `a topic that may not be committed is told, and the others' progress goes on`() async throws {
        let world = try await World(topics: ["a", "b"], World.allowsEverything)
        for topic in ["a", "b"] { try await world.broker.append([.init("of \(topic)")], to: topic) }
        let (source, notices) = try await world.source(of: ["a", "b"]) {
            $0.delivery = .atLeastOnce
            $0.toleratesUnreadableTopics = true
        }
        let events = try await source.events(2)
        try await world.denyReading("a")
        await source.settle(events.map { Settlement($0, .accept) })
        try await eventually("the one's is known to be committed") {
            source.progress.contains { $0.partition.topic == "b" && $0.offset == 1 }
        }
        try await eventually("the other's failure is told") {
            notices.all.contains { "\($0)".contains("committing offsets of group group") }
        }
        #expect(!source.progress.contains { $0.partition.topic == "a" && $0.offset == 1 })
        await source.close()
    }

    @Test func `a settlement after the partition went away is ignored and told`() async throws {
        let world = try await World()
        try await world.append(["a"])
        let (source, notices) = try await world.source { $0.delivery = .atLeastOnce }
        let events = try await source.events(1)
        #expect(source.holds(events[0]))
        try await source.subscribe(to: [])
        try await eventually("given back") { notices.held == [] }
        #expect(!source.holds(events[0]))
        await source.settle([Settlement(events[0], .accept)])
        #expect(notices.all.last == .settlementIgnored(events[0].id, reason: "stale epoch"))
        await source.close()
        #expect(try await world.committed() == nil)
    }
}
