import Connector
import Kafka
import KafkaSource
import TestSupport
import Testing

/// What librdkafka cannot get over ends the source, so that whoever runs the connector sees it.
@Suite(.timeLimit(.minutes(5))) struct FatalErrorTests {
    @Test func `a static member whose place another one took ends`() async throws {
        let world = try await World()
        let instance = Configuration.Property(name: "group.instance.id", value: "a")
        let (first, notices) = try await world.source { $0.properties.append(instance) }
        let reading = Task { try await first.next(limit: 1) }
        try await eventually("the first has the partition") { notices.held == [0] }
        let (second, _) = try await world.source { $0.properties.append(instance) }
        let error = await #expect(throws: KafkaError.self) { try await reading.value }
        #expect(error?.code == .fencedInstance)
        #expect(error?.isFatal == true)
        await first.close()
        await second.close()
    }
}
