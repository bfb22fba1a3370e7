import Connector
import ConnectorTesting
import SeededRandom
import Simulation
import Testing

/// The connector's core over in-memory seams, in virtual time, on the seeded executor.
@Suite struct ConnectorTests {
    private let topic = SourcePartition(topic: "faas-request", partition: 0)

    @Test func `each event invokes each subscribed function once`() throws {
        let world = try simulate { world in
            await world.gateway.deploy("figlet", topic: "faas-request")
            await world.gateway.deploy("echo", topic: "audit, faas-request")
            await world.gateway.deploy("other", topic: "other")
            for number in 0..<20 { await world.log.append([UInt8(number)], to: topic) }
            try await world.until { $0.handled == 20 }
            let offsets = (0..<20).map { EventID(topic: "faas-request", partition: 0, offset: $0) }
            #expect(await world.gateway.calls(of: "figlet") == offsets)
            #expect(await world.gateway.calls(of: "echo") == offsets)
            #expect(await world.gateway.calls(of: "other").isEmpty)
        }
        #expect(world.ledger.account.isBalanced)
        #expect(world.ledger.account.invocations == 40)
        #expect(world.ledger.account.repliesByStatus == [200: 40])
    }

    @Test func `nothing is consumed before the first topic map`() throws {
        let world = try simulate { world in
            await world.gateway.deploy("figlet", topic: "faas-request")
            await world.gateway.failListings(3)
            await world.log.append([1], to: topic)
            try await world.until { $0.handled == 1 }
        }
        #expect(world.ledger.account.skipped.isEmpty)
        let lines = world.journal.entries.map(\.text)
        #expect(lines.filter { $0.contains("map failed") }.count == 3)
        #expect(lines.contains { $0.contains("replied 200 figlet to faas-request/0/0") })
        // Three failed listings, after which it waits for 1, 2 and 3 s of virtual time.
        #expect(world.journal.entries.first { $0.text.contains("received") }.map { $0.time >= .seconds(6) } == true)
    }

    @Test func `a gateway may be away for as long as it likes before the first map`() throws {
        let world = try simulate { world in
            await world.gateway.deploy("figlet", topic: "faas-request")
            await world.gateway.failListings(300)
            await world.log.append([1], to: topic)
            try await world.until { $0.handled == 1 }
        }
        #expect(world.journal.entries.count { $0.text.contains("map failed") } == 300)
    }

    @Test func `a gateway that comes a moment later costs no whole interval`() throws {
        _ = try simulate(configuration: { $0.rebuildInterval = .seconds(600) }) { world in
            await world.gateway.deploy("figlet", topic: "faas-request")
            await world.gateway.failListings(3)
            await world.log.append([1], to: SourcePartition(topic: "faas-request", partition: 0))
            try await world.until { $0.handled == 1 }
            #expect(world.clock.now.offset < .seconds(10))
        }
    }

    @Test func `functions listed in another order are no change of the map`() throws {
        let world = try simulate { world in
            for name in ["a", "b"] { await world.gateway.deploy(name, topic: "faas-request") }
            try await world.clock.sleep(for: .seconds(10))
            // Goes to the end of the listing.
            await world.gateway.deploy("a", topic: "faas-request")
            try await world.clock.sleep(for: .seconds(10))
        }
        let changes = world.journal.entries.filter { $0.text.hasSuffix("topics, changed") }
        #expect(changes.count == 1)
    }

    @Test func `a failing listing keeps the last map, and a new function is seen after the interval`() throws {
        let world = try simulate { world in
            await world.gateway.deploy("figlet", topic: "faas-request")
            await world.log.append([1], to: topic)
            try await world.until { $0.handled == 1 }
            await world.gateway.failListings(2)
            await world.log.append([2], to: topic)
            try await world.until { $0.handled == 2 }
            await world.gateway.deploy("echo", topic: "faas-request")
            try await world.clock.sleep(for: .seconds(12))
            await world.log.append([3], to: topic)
            try await world.until { $0.handled == 3 }
            #expect(await world.gateway.calls(of: "figlet").count == 3)
            #expect(await world.gateway.calls(of: "echo").count == 1)
        }
        #expect(world.ledger.account.isBalanced)
    }

    @Test func `namespaces that are gone for one listing keep the last map`() throws {
        let world = try simulate { world in
            await world.gateway.list(namespaces: ["prod"])
            await world.gateway.deploy("a", topic: "faas-request")
            try await world.clock.sleep(for: .seconds(1))
            await world.gateway.list(namespaces: [])
            try await world.clock.sleep(for: .seconds(7))
            #expect(await world.connector.functions(for: "faas-request") == [FunctionName("a", namespace: "prod")])
        }
        #expect(world.journal.entries.contains { $0.text.contains("lists no namespaces") })
    }

    @Test func `a gateway that has no namespaces for a minute is believed`() throws {
        let world = try simulate { world in
            await world.gateway.list(namespaces: ["prod"])
            await world.gateway.deploy("a", topic: "faas-request")
            try await world.clock.sleep(for: .seconds(1))
            await world.gateway.list(namespaces: [])
            try await world.clock.sleep(for: .seconds(70))
            #expect(await world.connector.functions(for: "faas-request") == [FunctionName("a")])
        }
        #expect(world.ledger.account.isBalanced)
    }

    @Test func `a filter of namespaces is not dropped where the gateway lists none`() throws {
        let world = try simulate(configuration: { $0.namespaces.excluded = ["dev"] }) { world in
            await world.gateway.deploy("a", topic: "faas-request")
            try await world.clock.sleep(for: .seconds(7))
            #expect(await world.connector.functions(for: "faas-request").isEmpty)
        }
        #expect(world.journal.entries.contains { $0.text.contains("exclude_namespaces cannot be obeyed") })
    }

    @Test func `an event that nobody wants is counted`() throws {
        let world = try simulate { world in
            await world.log.append([1], to: topic)
            try await world.until { $0.skipped == [SkipReason.noFunction: 1] }
        }
        #expect(world.ledger.account.isBalanced)
        #expect(world.ledger.account.invocations == 0)
    }

    @Test func `a failing function costs the event that one call and no more`() throws {
        let world = try simulate { world in
            await world.gateway.deploy("broken", topic: "faas-request") { _ throws(InvocationFailure) in
                throw InvocationFailure(.connectionLost, "the gateway closed the connection")
            }
            await world.gateway.deploy("teapot", topic: "faas-request") { _ in Reply(status: 418) }
            for number in 0..<5 { await world.log.append([UInt8(number)], to: topic) }
            try await world.until { $0.handled == 5 }
        }
        #expect(world.ledger.account.failuresByKind == [InvocationFailure.Kind.connectionLost: 5])
        #expect(world.ledger.account.repliesByStatus == [418: 5])
    }

    @Test(arguments: [Ordering.partition, .key, .none])
    func `in hand is never more than max in flight`(ordering: Ordering) throws {
        let gauge = Gauge()
        let world = try simulate(configuration: {
            $0.maxInFlight = 7
            $0.ordering = ordering
        }) { world in
            let clock = world.clock
            await world.gateway.deploy("slow", topic: "faas-request") { _ in
                gauge.enter()
                try? await clock.sleep(for: .milliseconds(10))
                gauge.leave()
                return Reply(status: 200)
            }
            for number in 0..<200 {
                let partition = SourcePartition(topic: "faas-request", partition: Int32(number % 10))
                await world.log.append([1], key: [UInt8(number % 20)], to: partition)
            }
            try await world.until { $0.handled == 200 }
        }
        #expect(gauge.highest > 1)
        #expect(gauge.highest <= 7)
        #expect(world.ledger.account.isBalanced)
    }

    @Test(arguments: 1...20)
    func `within a partition the next event starts after the last has ended`(seed: UInt64) throws {
        _ = try simulate(seed: seed) { world in
            let clock = world.clock
            let open = Gauge()
            await world.gateway.deploy("slow", topic: "faas-request") { invocation in
                #expect(open.enter() == 1)
                try? await clock.sleep(for: .milliseconds(invocation.event.id.offset % 3))
                open.leave()
                return Reply(status: 200)
            }
            for number in 0..<50 { await world.log.append([UInt8(number)], to: topic) }
            try await world.until { $0.handled == 50 }
            #expect(await world.gateway.calls(of: "slow").map(\.offset) == Array(0..<50))
        }
    }

    @Test func `with ordering by key a slow key holds up no other`() throws {
        _ = try simulate(configuration: { $0.ordering = .key }) { world in
            let clock = world.clock
            await world.gateway.deploy("slow", topic: "faas-request") { invocation in
                if invocation.event.key?.text == "slow" { try? await clock.sleep(for: .seconds(60)) }
                return Reply(status: 200)
            }
            await world.log.append([1], key: Array("slow".utf8), to: topic)
            for number in 0..<10 { await world.log.append([UInt8(number)], key: Array("fast".utf8), to: topic) }
            try await world.until { $0.handled == 10 }
            #expect(world.clock.now.offset < .seconds(60))
        }
    }

    @Test func `an event that the source would not acknowledge is not handed over`() throws {
        var faults = InMemorySource.Faults()
        faults.refusedPercent = 50
        faults.acknowledgeDelay = .milliseconds(5)
        let world = try simulate(seed: 7, faults: faults, configuration: { $0.maxInFlight = 4 }) { world in
            await world.gateway.deploy("figlet", topic: "faas-request")
            for number in 0..<100 { await world.log.append([UInt8(number)], to: topic) }
            try await world.until { $0.handled == 100 }
            #expect(await world.gateway.calls(of: "figlet").map(\.offset) == Array(0..<100))
        }
        #expect((world.ledger.account.refused["revoked"] ?? 0) > 0)
        #expect(world.ledger.account.received == 100)
    }

    @Test func `draining waits for what is in hand`() throws {
        let world = try simulate { world in
            let clock = world.clock
            await world.gateway.deploy("slow", topic: "faas-request") { _ in
                try? await clock.sleep(for: .seconds(5))
                return Reply(status: 200)
            }
            await world.log.append([1], to: topic)
            try await world.until { $0.invocations == 1 }
        }
        #expect(world.ledger.account.repliesByStatus == [200: 1])
    }

    @Test func `past the drain's deadline what is in hand is given up and counted`() throws {
        let world = try simulate(configuration: { $0.drainTimeout = .seconds(2) }) { world in
            let clock = world.clock
            await world.gateway.deploy("stuck", topic: "faas-request") { _ throws(InvocationFailure) in
                do { try await clock.sleep(for: .seconds(3600)) } catch {
                    throw InvocationFailure(.cancelled, "cancelled")
                }
                return Reply(status: 200)
            }
            for number in 0..<3 { await world.log.append([UInt8(number)], to: topic) }
            try await world.until { $0.invocations == 1 }
        }
        #expect(world.clock.now.offset < .seconds(60))
        #expect(world.ledger.account.failuresByKind == [InvocationFailure.Kind.cancelled: 1])
        #expect(world.ledger.account.dropped[DropReason.shutdown] == world.ledger.account.received - 1)
        #expect(world.ledger.account.isBalanced)
    }

    @Test func `draining ends a connector that never saw a map`() throws {
        let world = try simulate { world in
            await world.gateway.failListings(.max)
            try await world.clock.sleep(for: .seconds(10))
        }
        #expect(world.journal.entries.last?.text == "connector stopped")
    }

    /// Whether it waits for the next listing or in one.
    @Test(arguments: [false, true])
    func `draining before the first map ends at once`(isListing: Bool) throws {
        let world = try simulate(
            gateway: { executor in isListing ? StuckGateway(clock: executor.clock) : nil },
            configuration: { $0.rebuildInterval = .seconds(600) }
        ) { world in
            await world.gateway.failListings(.max)
            try await world.clock.sleep(for: .seconds(10))
        }
        #expect(world.journal.entries.last?.text == "connector stopped")
        #expect(world.clock.now.offset < .seconds(11))
    }

    @Test func `the drain's deadline ends an acknowledgement that is not answered`() throws {
        var faults = InMemorySource.Faults()
        faults.acknowledgeDelay = .seconds(36_000)
        let world = try simulate(faults: faults, configuration: { $0.drainTimeout = .seconds(2) }) { world in
            await world.gateway.deploy("a", topic: "faas-request")
            await world.log.append([1], to: topic)
            try await world.clock.sleep(for: .seconds(10))
        }
        #expect(world.journal.entries.last?.text == "connector stopped")
        #expect(world.clock.now.offset < .seconds(13))
    }
}

/// Never answers.
private struct StuckGateway: Gateway {
    let clock: VirtualClock

    func namespaces() async throws -> [String] {
        try await clock.sleep(for: .seconds(36_000))
        return []
    }

    func functions(in namespace: String?) async throws -> [FunctionDescription] { [] }

    func invoke(_ invocation: Invocation) async throws(InvocationFailure) -> Reply {
        throw InvocationFailure(.notSent, "stuck")
    }
}

/// Fails for good after its first batch.
private actor FailingSource: EventSource {
    struct Revoked: Error {}

    nonisolated let kind = "memory"
    nonisolated let capabilities = SourceCapabilities(settlement: .cumulative, canPause: true)
    private let clock: VirtualClock
    private var batches = 0

    init(clock: VirtualClock) { self.clock = clock }

    func start(topics: [String], notices: @escaping @Sendable (SourceNotice) -> Void) async throws {}
    func subscribe(to topics: [String]) async throws {}

    func next(limit: Int) async throws -> [Event]? {
        batches += 1
        if batches == 1 {
            return [Event(id: EventID(topic: "faas-request", partition: 0, offset: 0), payload: Bytes([1]))]
        }
        try await clock.sleep(for: .seconds(1))
        throw Revoked()
    }

    func acknowledge(_ batch: [Event]) async -> Acknowledgement { Acknowledgement(acknowledged: batch) }
    func settle(_ settlements: [Settlement]) async {}
    nonisolated func holds(_ event: Event) -> Bool { true }
    func pause(_ partitions: [SourcePartition]) async {}
    func resume(_ partitions: [SourcePartition]) async {}
    func drain() async {}
    func close() async {}
}

extension ConnectorTests {
    @Test func `a source that failed for good ends the connector within a drain, whatever its functions do`() throws {
        let executor = SeededExecutor(seed: 1)
        let clock = executor.clock
        let gateway = InMemoryGateway()
        var configuration = ConnectorConfiguration(topics: ["faas-request"])
        configuration.delivery = .atLeastOnce
        configuration.retry.attempts = 1_000
        configuration.drainTimeout = .seconds(5)
        let ledger = Ledger()
        let connector = Connector(
            configuration: configuration, source: FailingSource(clock: clock), gateway: gateway, observer: ledger,
            time: TimeSource(clock), generator: SeededGenerator(seed: 1))
        try executor.run {
            await gateway.deploy("sad", topic: "faas-request") { _ in Reply(status: 500) }
            await #expect(throws: FailingSource.Revoked.self) { try await connector.consume() }
        }
        #expect(clock.now.offset < .seconds(10))
        #expect(ledger.account.returned == 1)
    }
}
