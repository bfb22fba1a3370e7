import Connector
import ConnectorTesting
import Simulation
import TestSupport
import Testing

/// Who waits for whom, and who does not.
@Suite struct DispatchTests {
    /// So many events, one of each partition in turn.
    private func append(_ count: Int, over partitions: Int, to world: World) async {
        for number in 0..<count {
            await world.log.append(
                [1], to: SourcePartition(topic: "faas-request", partition: Int32(number % partitions)))
        }
    }

    @Test func `a slow function holds up no other lane, however many events it has`() throws {
        let world = try simulate(configuration: { $0.maxInFlight = 16 }) { world in
            let clock = world.clock
            await world.gateway.deploy("any", topic: "faas-request") { invocation in
                if invocation.event.id.partition < 4 { try? await clock.sleep(for: .seconds(60)) }
                return Reply(status: 200)
            }
            await append(400, over: 4, to: world)
            try await world.clock.sleep(for: .seconds(2))
            let fast = SourcePartition(topic: "faas-request", partition: 9)
            for _ in 0..<200 { await world.log.append([2], to: fast) }
            try await world.until { _ in world.ledger.account.handled >= 200 }
            #expect(world.clock.now.offset < .seconds(30))
        }
        #expect(world.journal.entries.contains { $0.text.contains("paused") })
    }

    @Test(arguments: [Ordering.none, .key])
    func `a partition with few events has its turn beside one with a backlog`(ordering: Ordering) throws {
        let world = try simulate(configuration: { $0.ordering = ordering }) { world in
            let clock = world.clock
            await world.gateway.deploy("any", topic: "faas-request") { _ in
                try? await clock.sleep(for: .milliseconds(10))
                return Reply(status: 200)
            }
            let full = SourcePartition(topic: "faas-request", partition: 0)
            for _ in 0..<20_000 { await world.log.append([1], to: full) }
            try await world.until { $0.handled > 200 }
            let quiet = SourcePartition(topic: "faas-request", partition: 9)
            for _ in 0..<20 {
                await world.log.append([2], to: quiet)
                try await clock.sleep(for: .milliseconds(50))
            }
            let called = await world.gateway.calls(of: "any").count { $0.partition == 9 }
            #expect(called >= 19)
            #expect(world.ledger.account.handled < 10_000)
            try await world.until { $0.handled == 20_020 }
        }
        #expect(!world.journal.entries.contains { $0.text.contains("paused") })
    }

    /// Sixteen that move at different speeds, of which each gives all that is asked for when its turn comes.
    @Test func `what paused partitions have in memory is bounded, however many there are`() throws {
        let most = Mutexed(0)
        _ = try simulate { world in
            let clock = world.clock
            await world.gateway.deploy("slow", topic: "faas-request") { invocation in
                try? await clock.sleep(for: .milliseconds(100) * Int(1 + invocation.event.id.partition))
                return Reply(status: 200)
            }
            await append(16_000, over: 16, to: world)
            for _ in 0..<1_800 {
                try await clock.sleep(for: .milliseconds(100))
                let now = await world.source.unacknowledged
                most.change { $0 = max($0, now) }
            }
            // Sixteen lanes that run all the time: 1 / 0.1 + 1 / 0.2 + … + 1 / 1.6 calls a second.
            #expect(Double(world.ledger.account.handled) > 0.8 * 180 * 33.8)
        }
        // 64 × (1 + 1/2 + … + 1/16), and one batch on its way.
        #expect(most.value <= 217 + 64)
    }

    @Test func `as many partitions as there is room for events run side by side`() throws {
        let world = try simulate { world in
            let clock = world.clock
            await world.gateway.deploy("slow", topic: "faas-request") { _ in
                try? await clock.sleep(for: .seconds(2))
                return Reply(status: 200)
            }
            await append(6_400, over: 64, to: world)
            try await clock.sleep(for: .seconds(60))
            let before = world.ledger.account.handled
            try await clock.sleep(for: .seconds(60))
            // 64 calls of two seconds side by side are 1,920 in a minute.
            #expect(world.ledger.account.handled - before > 1_600)
        }
        #expect(world.ledger.account.isBalanced)
    }

    /// Fast ones are paused for moments beside it, which is nobody's business.
    @Test func `of many partitions the one that stands still is told to be paused, and no other`() throws {
        let world = try simulate { world in
            let clock = world.clock
            await world.gateway.deploy("any", topic: "faas-request") { invocation in
                try? await clock.sleep(for: invocation.event.id.partition == 0 ? .seconds(600) : .milliseconds(5))
                return Reply(status: 200)
            }
            await append(16_000, over: 16, to: world)
            try await world.until { $0.handled >= 14_900 }
        }
        let pauses = world.journal.entries.filter { $0.text.contains("paused") }
        #expect((1...3).contains(pauses.count), "\(pauses.map(\.text))")
    }

    @Test func `paused partitions go on once their events are handled`() throws {
        let world = try simulate(configuration: { $0.maxInFlight = 8 }) { world in
            let clock = world.clock
            await world.gateway.deploy("slow", topic: "faas-request") { _ in
                try? await clock.sleep(for: .seconds(1))
                return Reply(status: 200)
            }
            await append(200, over: 2, to: world)
            try await world.until { $0.handled == 200 }
            for partition in [0, 1] as [Int32] {
                let offsets = await world.gateway.calls(of: "slow").filter { $0.partition == partition }.map(\.offset)
                #expect(offsets == Array(0..<100))
            }
        }
        #expect(world.ledger.account.isBalanced)
    }

    @Test func `events that come before a pause takes effect do not leave their partition paused`() throws {
        var faults = InMemorySource.Faults()
        faults.pauseDelay = .milliseconds(100)
        let slow = SourcePartition(topic: "faas-request", partition: 0)
        let world = try simulate(faults: faults, configuration: { $0.maxInFlight = 8 }) { world in
            let clock = world.clock
            await world.gateway.deploy("slow at first", topic: "faas-request") { invocation in
                let isFirstOfSlow = invocation.event.partition == slow && invocation.event.id.offset == 0
                try? await clock.sleep(for: .milliseconds(isFirstOfSlow ? 650 : 110))
                return Reply(status: 200)
            }
            for _ in 0..<50 {
                await world.log.append([1], to: slow)
                await world.log.append([1], to: SourcePartition(topic: "faas-request", partition: 9))
            }
            try await world.until { $0.handled == 100 }
        }
        #expect(world.journal.entries.contains { $0.text.contains("paused") })
        #expect(world.ledger.account.isBalanced)
    }

    @Test func `what comes while a batch is being acknowledged stays at the source, and is one batch then`() throws {
        var faults = InMemorySource.Faults()
        faults.acknowledgeDelay = .milliseconds(50)
        _ = try simulate(faults: faults, configuration: { $0.ordering = .none }) { world in
            await world.gateway.deploy("figlet", topic: "faas-request")
            for number in 0..<500 {
                let partition = SourcePartition(topic: "faas-request", partition: Int32(number % 8))
                await world.log.append([1], to: partition)
                try await world.clock.sleep(for: .milliseconds(2))
            }
            try await world.until { $0.handled == 500 }
            let counts = await world.source.counts
            #expect(counts.handedOut == counts.acknowledged)
            #expect(counts.acknowledged < 100)
        }
    }

    @Test func `of a backlog the next batch is fetched while one is being acknowledged`() throws {
        var faults = InMemorySource.Faults()
        faults.acknowledgeDelay = .seconds(1)
        _ = try simulate(faults: faults, configuration: { $0.ordering = .none }) { world in
            await world.gateway.deploy("figlet", topic: "faas-request")
            for _ in 0..<500 {
                await world.log.append([1], to: SourcePartition(topic: "faas-request", partition: 0))
            }
            while await world.source.counts.handedOut < 2 { try await world.clock.sleep(for: .milliseconds(1)) }
            #expect(await world.source.counts.acknowledged == 0)
            try await world.until { $0.handled == 500 }
        }
    }

    @Test func `an annotation bounds the calls of one function`() throws {
        let gauge = Gauge()
        _ = try simulate(configuration: { $0.ordering = .none }) { world in
            let clock = world.clock
            await world.gateway.deploy(
                "narrow", topic: "faas-request", annotations: ["com.openfaas.connector.max_in_flight": "3"]
            ) { _ in
                gauge.enter()
                try? await clock.sleep(for: .milliseconds(10))
                gauge.leave()
                return Reply(status: 200)
            }
            for _ in 0..<100 {
                await world.log.append([1], to: SourcePartition(topic: "faas-request", partition: 0))
            }
            try await world.until { $0.handled == 100 }
        }
        #expect(gauge.highest == 3)
    }

    @Test func `with topics=* the subscription follows the annotations`() throws {
        let world = try simulate(configuration: { $0.topics = .annotated }) { world in
            await world.gateway.deploy("first", topic: "orders")
            await world.log.append([1], to: SourcePartition(topic: "orders", partition: 0))
            await world.log.append([1], to: SourcePartition(topic: "bills", partition: 0))
            try await world.until { $0.handled == 1 }
            await world.gateway.deploy("second", topic: "bills")
            try await world.until { $0.handled == 2 }
            #expect(await world.gateway.calls(of: "second").map(\.topic) == ["bills"])
        }
        #expect(world.ledger.account.skipped.isEmpty)
    }

    @Test func `tombstones are skipped and counted, or delivered empty with a header`() throws {
        let topic = SourcePartition(topic: "faas-request", partition: 0)
        let skipping = try simulate { world in
            await world.gateway.deploy("figlet", topic: "faas-request")
            await world.log.appendTombstone(key: [1], to: topic)
            try await world.until { $0.skipped == [SkipReason.tombstone: 1] }
        }
        #expect(skipping.ledger.account.invocations == 0)
        _ = try simulate(configuration: { $0.tombstones = .deliver }) { world in
            await world.gateway.deploy("figlet", topic: "faas-request") { invocation in
                #expect(invocation.body.isEmpty)
                #expect(invocation.headers.contains(EventAttribute(name: "X-Memory-Tombstone", value: "true")))
                return Reply(status: 200)
            }
            await world.log.appendTombstone(key: [1], to: topic)
            try await world.until { $0.handled == 1 }
        }
    }
}
