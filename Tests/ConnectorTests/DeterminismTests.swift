import Connector
import ConnectorTesting
import Simulation
import Testing

/// The same seed gives the same run, to the letter; another seed gives another.
@Suite struct DeterminismTests {
    private func journal(seed: UInt64) throws -> Journal {
        let executor = SeededExecutor(seed: seed)
        var configuration = ConnectorConfiguration(topics: ["a", "b"])
        configuration.maxInFlight = 8
        var faults = InMemorySource.Faults()
        faults.refusedPercent = 20
        faults.acknowledgeDelay = .milliseconds(3)
        let world = World(executor: executor, configuration: configuration, faults: faults, sourceSeed: seed)
        try executor.run {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for name in ["one", "two", "three"] {
                    let clock = world.clock
                    await world.gateway.deploy(name, topic: "a,b") { invocation in
                        try? await clock.sleep(for: .microseconds(invocation.event.id.offset * 37 % 900))
                        return Reply(status: 200)
                    }
                }
                group.addTask {
                    for number in 0..<60 {
                        let topic = number.isMultiple(of: 2) ? "a" : "b"
                        await world.log.append(
                            [UInt8(number)], to: SourcePartition(topic: topic, partition: Int32(number % 4)))
                        try await world.clock.sleep(for: .microseconds(500))
                    }
                }
                group.addTask { try await world.connector.consume() }
                try await world.until { $0.handled == 60 }
                await world.connector.drain()
                try await group.waitForAll()
            }
        }
        #expect(world.ledger.account.isBalanced)
        return world.journal
    }

    @Test(arguments: [1, 2, 3, 0xfeed] as [UInt64])
    func `the same seed gives the same journal twice`(seed: UInt64) throws {
        let first = try journal(seed: seed)
        let second = try journal(seed: seed)
        #expect(first.entries == second.entries)
        #expect(first.hash == second.hash)
        #expect(first.entries.count > 300)
    }

    @Test func `another seed gives another order`() throws {
        #expect(try journal(seed: 1).hash != journal(seed: 2).hash)
    }
}
