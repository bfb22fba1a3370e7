import Connector
import ConnectorTesting
import Simulation
import Synchronization
import Testing

/// Calls that wait for their turn at a function, while the world goes on. Two of these were found by simulation.
@Suite struct GateTests {
    private static let oneAtATime = ["com.openfaas.connector.max_in_flight": "1"]

    /// Two events of two partitions for one function that takes ten seconds and one call at a time.
    private func twoEvents(_ world: World) async throws {
        let clock = world.clock
        await world.gateway.deploy("slow", topic: "faas-request", annotations: Self.oneAtATime) { _ in
            try? await clock.sleep(for: .seconds(10))
            return Reply(status: 200)
        }
        for partition in Int32(0)..<2 {
            await world.log.append([1], to: SourcePartition(topic: "faas-request", partition: partition))
        }
        try await world.until { $0.received == 2 && $0.invocations == 1 }
    }

    @Test func `at least once, an event that went to another owner while it waited is not called for`() throws {
        let world = try simulate(configuration: { $0.delivery = .atLeastOnce }) { world in
            try await twoEvents(world)
            await world.source.rebalance()
            try await world.until { $0.returned == 1 }
            #expect(await world.gateway.calls(of: "slow").count <= 2)
            // Whoever owns it now takes it again.
            try await world.until { $0.handled >= 2 && $0.inHand == 0 }
        }
        #expect(world.ledger.account.isBalanced)
    }

    @Test func `a limit that was lowered is kept, though others wait`() throws {
        let running = Mutex((now: 0, most: 0, isLowered: false))
        let world = try simulate(configuration: { $0.ordering = .none }) { world in
            let clock = world.clock
            func deploy(limit: Int) async {
                let annotations = ["com.openfaas.connector.max_in_flight": "\(limit)"]
                await world.gateway.deploy("slow", topic: "faas-request", annotations: annotations) { _ in
                    running.withLock { running in
                        running.now += 1
                        if running.isLowered { running.most = max(running.most, running.now) }
                    }
                    try? await clock.sleep(for: .seconds(10))
                    running.withLock { $0.now -= 1 }
                    return Reply(status: 200)
                }
            }
            await deploy(limit: 4)
            for number in UInt8(0)..<12 {
                await world.log.append([number], to: SourcePartition(topic: "faas-request", partition: 0))
            }
            try await world.until { $0.invocations == 4 }
            await deploy(limit: 1)
            try await clock.sleep(for: .seconds(9))
            running.withLock { $0.isLowered = true }
            try await world.until { $0.handled == 12 }
        }
        #expect(running.withLock { $0.most } == 1)
        #expect(world.ledger.account.isBalanced)
    }

    /// A function of one call at a time that takes a fifth of a second has thirty events, by one partition or several.
    @Test(arguments: Ordering.allCases, [Int32(1), 4])
    func `events that wait for a function's own limit leave room for others`(
        ordering: Ordering, partitions: Int32
    ) throws {
        let world = try simulate(configuration: {
            $0.ordering = ordering
            $0.maxInFlight = 16
            $0.topics = .named(["slow", "fast"])
        }) { world in
            let clock = world.clock
            await world.gateway.deploy("slow", topic: "slow", annotations: Self.oneAtATime) { _ in
                try? await clock.sleep(for: .milliseconds(200))
                return Reply(status: 200)
            }
            await world.gateway.deploy("fast", topic: "fast") { _ in Reply(status: 200) }
            for number in UInt8(0)..<30 {
                let partition = SourcePartition(topic: "slow", partition: Int32(number) % partitions)
                await world.log.append([number], key: [number % 3], to: partition)
            }
            try await world.until { $0.invocations == 2 }
            for number in UInt8(0)..<10 {
                let start = clock.now
                await world.log.append([number], to: SourcePartition(topic: "fast", partition: 0))
                let calls = Int(number) + 1
                while await world.gateway.calls(of: "fast").count < calls {
                    try await clock.sleep(for: .milliseconds(10))
                }
                // Until the partitions that stand still are paused at the source, its batches are full of them.
                #expect(start.duration(to: clock.now) < .milliseconds(600))
            }
            // One after the other, and none in between.
            let start = clock.now
            let handled = world.ledger.account.handled
            try await world.until { $0.handled == 40 }
            #expect(start.duration(to: clock.now) < .milliseconds(210 * (40 - handled)))
        }
        #expect(world.ledger.account.isBalanced)
    }

    /// Twenty events of each partition, one after the other, by a function that takes a tenth of a second.
    private func time(partitions: Int, limit: Int?, room: Int) throws -> Duration {
        let time = Mutex(Duration.zero)
        let world = try simulate(configuration: { $0.maxInFlight = room }) { world in
            let clock = world.clock
            let annotations = limit.map { ["com.openfaas.connector.max_in_flight": "\($0)"] } ?? [:]
            await world.gateway.deploy("slow", topic: "faas-request", annotations: annotations) { _ in
                try? await clock.sleep(for: .milliseconds(100))
                return Reply(status: 200)
            }
            for number in 0..<(20 * partitions) {
                let partition = SourcePartition(topic: "faas-request", partition: Int32(number % partitions))
                await world.log.append([UInt8(number)], to: partition)
            }
            let start = clock.now
            try await world.until { $0.handled == 20 * partitions }
            time.withLock { $0 = start.duration(to: clock.now) }
        }
        #expect(world.ledger.account.isBalanced)
        return time.withLock { $0 }
    }

    @Test(arguments: [(partitions: 2, room: 4), (3, 8), (4, 8)])
    func `a function that allows a call for each partition is as fast as one that allows any number`(
        partitions: Int, room: Int
    ) throws {
        let unlimited = try time(partitions: partitions, limit: nil, room: room)
        #expect(try time(partitions: partitions, limit: partitions, room: room) <= unlimited)
    }

    @Test(arguments: Delivery.allCases)
    func `a function that is gone when its turn comes is not called`(delivery: Delivery) throws {
        let world = try simulate(configuration: { $0.delivery = delivery }) { world in
            try await twoEvents(world)
            await world.gateway.remove("slow")
            try await world.until { $0.handled == 2 }
            #expect(await world.gateway.calls(of: "slow").count == 1)
        }
        #expect(world.ledger.account.gaveUp == [.functionVanished: 1])
        #expect(world.ledger.account.isBalanced)
    }
}
