import Connector
import FakeBroker
import Kafka
import KafkaSource
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
