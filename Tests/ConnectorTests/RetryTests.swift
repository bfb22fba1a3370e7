import Connector
import ConnectorTesting
import SeededRandom
import Simulation
import Synchronization
import Testing

/// At least once: what is repeated, how often and when, and where what failed ends up.
@Suite struct RetryTests {
    private let topic = SourcePartition(topic: "faas-request", partition: 0)

    /// A function that answers the statuses given, then 200.
    private func answering(_ statuses: [Int], retryAfter: Duration? = nil) -> InMemoryGateway.Body {
        let script = Script(statuses)
        return { _ in
            let status = script.next() ?? 200
            return Reply(status: status, retryAfter: status == 200 ? nil : retryAfter)
        }
    }

    private func atLeastOnce(attempts: Int) -> (inout ConnectorConfiguration) -> Void {
        return {
            $0.delivery = .atLeastOnce
            $0.retry.attempts = attempts
        }
    }

    @Test(arguments: [408, 429, 500, 502, 503, 504])
    func `a status of the list is tried again until the function takes the event`(status: Int) throws {
        let world = try simulate(configuration: { $0.delivery = .atLeastOnce }) { world in
            await world.gateway.deploy("figlet", topic: "faas-request", body: answering([status, status]))
            await world.log.append([1], to: topic)
            try await world.until { $0.handled == 1 }
            #expect(await world.log.committed(topic) == 1)
        }
        #expect(world.ledger.account.repliesByStatus == [status: 2, 200: 1])
        #expect(world.ledger.account.gaveUp.isEmpty)
    }

    @Test func `a lost connection is tried again`() throws {
        let world = try simulate(configuration: { $0.delivery = .atLeastOnce }) { world in
            let script = Script([1, 2, 3])
            await world.gateway.deploy("figlet", topic: "faas-request") { _ throws(InvocationFailure) in
                guard script.next() == nil else { throw InvocationFailure(.connectionLost, "closed before the reply") }
                return Reply(status: 200)
            }
            await world.log.append([1], to: topic)
            try await world.until { $0.handled == 1 }
        }
        #expect(world.ledger.account.failuresByKind == [InvocationFailure.Kind.connectionLost: 3])
    }

    @Test func `only the functions of a fan-out that failed are tried again`() throws {
        _ = try simulate(configuration: { $0.delivery = .atLeastOnce }) { world in
            await world.gateway.deploy("good", topic: "faas-request")
            await world.gateway.deploy("bad", topic: "faas-request", body: answering([500, 500, 500]))
            await world.log.append([1], to: topic)
            try await world.until { $0.handled == 1 }
            #expect(await world.gateway.calls(of: "good").count == 1)
            #expect(await world.gateway.calls(of: "bad").count == 4)
        }
    }

    @Test func `after the last attempt the event goes to the dead-letter topic and the lane moves on`() throws {
        let world = try simulate(hasDeadLetters: true, configuration: atLeastOnce(attempts: 3)) { world in
            await world.gateway.deploy("bad", topic: "faas-request") { invocation in
                Reply(status: invocation.event.id.offset == 0 ? 503 : 200)
            }
            await world.log.append([1], to: topic)
            await world.log.append([2], to: topic)
            try await world.until { $0.handled == 2 }
            let letters = await world.deadLetters.letters
            #expect(letters.count == 1)
            #expect(
                letters.first?.headers.map { "\($0.name): \($0.value)" } == [
                    "X-Dead-Letter-Topic: faas-request", "X-Dead-Letter-Partition: 0", "X-Dead-Letter-Offset: 0",
                    "X-Dead-Letter-Function: bad", "X-Dead-Letter-Status: 503", "X-Dead-Letter-Attempts: 3",
                    "X-Dead-Letter-Error: status 503",
                ])
            #expect(await world.log.committed(topic) == 2)
        }
        #expect(world.ledger.account.gaveUp == [GiveUpReason.attemptsExhausted: 1])
        #expect(world.ledger.account.deadLettered == 1)
    }

    @Test func `a dead-letter topic that is down loses nothing`() throws {
        let world = try simulate(hasDeadLetters: true, configuration: atLeastOnce(attempts: 1)) { world in
            await world.deadLetters.refuse(5)
            await world.gateway.deploy("bad", topic: "faas-request") { _ in Reply(status: 500) }
            await world.log.append([1], to: topic)
            try await world.until { $0.handled == 1 }
        }
        #expect(world.ledger.account.deadLettered == 1)
        #expect(world.ledger.account.deadLetterFailures == 5)
    }

    @Test func `at most once, a dead-letter topic that is down is asked as often as a function`() throws {
        let world = try simulate(hasDeadLetters: true, configuration: { $0.retry.attempts = 4 }) { world in
            await world.deadLetters.refuse(.max)
            await world.gateway.deploy("lost", topic: "faas-request") { _ throws(InvocationFailure) in
                throw InvocationFailure(.connectionLost, "closed before the reply")
            }
            await world.log.append([1], to: topic)
            await world.log.append([2], to: topic)
            try await world.until { $0.handled == 2 }
        }
        #expect(world.ledger.account.deadLetterFailures == 8)
        #expect(world.ledger.account.gaveUp == [GiveUpReason.noReply: 2])
        #expect(world.ledger.account.isBalanced)
    }

    @Test(arguments: Delivery.allCases)
    func `a letter that will never be taken is dropped at once, counted`(delivery: Delivery) throws {
        let world = try simulate(
            hasDeadLetters: true,
            configuration: {
                $0.delivery = delivery
                $0.retry.attempts = 2
            }
        ) { world in
            await world.deadLetters.refuse(.max, for: .good)
            await world.gateway.deploy("bad", topic: "faas-request") { _ in Reply(status: 502, origin: .platform) }
            await world.log.append([1], to: topic)
            try await world.until { $0.handled == 1 }
            #expect(await world.log.committed(topic) == 1)
        }
        #expect(world.ledger.account.deadLetterFailures == 1)
        #expect(world.ledger.account.gaveUp.values.reduce(0, +) == 1)
    }

    @Test(arguments: 1...10)
    func `a stop while the dead-letter topic is down leaves the event to the next`(seed: UInt64) throws {
        let world = try simulate(
            seed: seed, hasDeadLetters: true,
            configuration: {
                $0.delivery = .atLeastOnce
                $0.retry.attempts = 1
                $0.drainTimeout = .seconds(5)
            }
        ) { world in
            await world.deadLetters.refuse(.max)
            await world.gateway.deploy("bad", topic: "faas-request") { _ in Reply(status: 500) }
            // The function is in the map by then, whoever came first.
            try await world.clock.sleep(for: .seconds(5))
            await world.log.append([1], to: topic)
            try await world.until { $0.deadLetterFailures > 0 }
            await world.connector.drain()
        }
        #expect(world.ledger.account.returned == 1)
        #expect(world.ledger.account.isBalanced)
    }

    @Test func `without a dead-letter topic the event is dropped, counted by reason`() throws {
        let world = try simulate(configuration: { $0.delivery = .atLeastOnce }) { world in
            await world.gateway.deploy("picky", topic: "faas-request") { _ in Reply(status: 400) }
            await world.log.append([1], to: topic)
            try await world.until { $0.handled == 1 }
        }
        #expect(world.ledger.account.gaveUp == [GiveUpReason.refused: 1])
        #expect(world.ledger.account.repliesByStatus == [400: 1])
    }

    @Test func `Retry-After is honoured`() throws {
        let world = try simulate(configuration: { $0.delivery = .atLeastOnce }) { world in
            await world.gateway.deploy(
                "busy", topic: "faas-request", body: answering([429], retryAfter: .seconds(30)))
            await world.log.append([1], to: topic)
            try await world.until { $0.handled == 1 }
            #expect(world.clock.now.offset >= .seconds(30))
        }
        #expect(world.journal.entries.contains { $0.text.contains("in 30.0 seconds") })
    }

    @Test func `annotations override the connector's policy`() throws {
        let world = try simulate(configuration: { $0.delivery = .atLeastOnce }) { world in
            await world.gateway.deploy(
                "own", topic: "faas-request",
                annotations: ["com.openfaas.retry.attempts": "2", "com.openfaas.retry.codes": "418"]
            ) { _ in Reply(status: 418) }
            await world.log.append([1], to: topic)
            try await world.until { $0.handled == 1 }
        }
        #expect(world.ledger.account.repliesByStatus == [418: 2])
    }

    @Test func `a 404 is tried again while the map lists the function, and dropped once it does not`() throws {
        let world = try simulate(configuration: atLeastOnce(attempts: 1000)) { world in
            await world.gateway.deploy("going", topic: "faas-request") { _ in Reply(status: 404) }
            await world.log.append([1], to: topic)
            try await world.until { $0.repliesByStatus[404, default: 0] >= 3 }
            await world.gateway.remove("going")
            try await world.until { $0.handled == 1 }
        }
        #expect(world.ledger.account.gaveUp == [GiveUpReason.functionVanished: 1])
    }

    @Test func `a function's longest wait holds, whatever the connector's shortest`() throws {
        let world = try simulate(configuration: {
            $0.delivery = .atLeastOnce
            $0.retry.minWait = .seconds(60)
            $0.retry.maxWait = .seconds(60)
        }) { world in
            let annotations = ["com.openfaas.retry.max_wait": "1s", "com.openfaas.retry.attempts": "3"]
            await world.gateway.deploy("bad", topic: "faas-request", annotations: annotations) { _ in
                Reply(status: 503)
            }
            await world.log.append([1], to: topic)
            let start = world.clock.now
            try await world.until { $0.handled == 1 }
            #expect(start.duration(to: world.clock.now) < .seconds(5))
        }
        #expect(world.ledger.account.invocations == 3)
    }

    @Test func `a function that vanishes while a repeat waits is not called again`() throws {
        let world = try simulate(configuration: {
            $0.delivery = .atLeastOnce
            $0.retry.minWait = .seconds(60)
            $0.retry.maxWait = .seconds(60)
        }) { world in
            await world.gateway.deploy("going", topic: "faas-request") { _ in Reply(status: 503) }
            await world.log.append([1], to: topic)
            try await world.until { $0.repliesByStatus[503] == 1 }
            await world.gateway.remove("going")
            try await world.until { $0.handled == 1 }
        }
        #expect(world.ledger.account.invocations == 1)
        #expect(world.ledger.account.gaveUp == [GiveUpReason.functionVanished: 1])
    }

    @Test func `an event that waits for its next call gives its lane to who has it by then`() throws {
        let world = try simulate(configuration: {
            $0.delivery = .atLeastOnce
            $0.retry.maxWait = .seconds(600)
        }) { world in
            let body = answering([503], retryAfter: .seconds(600))
            await world.gateway.deploy("busy", topic: "faas-request", body: body)
            await world.log.append([1], to: topic)
            try await world.until { $0.repliesByStatus[503] == 1 }
            await world.source.rebalance()
            let start = world.clock.now
            try await world.until { $0.handled == 1 }
            #expect(start.duration(to: world.clock.now) < .seconds(3))
        }
        #expect(world.ledger.account.returned == 1)
        #expect(world.ledger.account.isBalanced)
    }

    @Test func `at least once, a letter that waits for its topic leaves with its partition`() throws {
        let world = try simulate(hasDeadLetters: true, configuration: atLeastOnce(attempts: 1)) { world in
            await world.deadLetters.refuse(.max)
            await world.gateway.deploy("bad", topic: "faas-request") { _ in Reply(status: 500) }
            await world.log.append([1], to: topic)
            try await world.until { $0.deadLetterFailures == 2 }
            await world.source.rebalance()
            try await world.until { $0.returned == 1 }
        }
        #expect(world.ledger.account.isBalanced)
    }

    @Test func `at most once never repeats a call, and counts what no function saw`() throws {
        let world = try simulate { world in
            await world.gateway.deploy("bad", topic: "faas-request", body: answering([500]))
            await world.gateway.deploy("lost", topic: "faas-request") { _ throws(InvocationFailure) in
                throw InvocationFailure(.timedOut, "no reply within 30 s")
            }
            await world.log.append([1], to: topic)
            try await world.until { $0.handled == 1 }
        }
        #expect(world.ledger.account.invocations == 2)
        #expect(world.ledger.account.gaveUp == [GiveUpReason.noReply: 1])
    }

    @Test(arguments: 1...20)
    func `a crash at any moment loses no event and repeats only what was not settled`(seed: UInt64) throws {
        let executor = SeededExecutor(seed: seed)
        let clock = executor.clock
        let log = InMemoryLog()
        let gateway = InMemoryGateway()
        var configuration = ConnectorConfiguration(topics: ["faas-request"])
        configuration.delivery = .atLeastOnce
        let settings = configuration
        try executor.run {
            await gateway.deploy("figlet", topic: "faas-request") { _ in
                try? await clock.sleep(for: .milliseconds(5))
                return Reply(status: 200)
            }
            for number in 0..<60 { await log.append([UInt8(number)], to: topic) }
            for life in 0..<10 {
                let connector = Connector(
                    configuration: settings,
                    source: InMemorySource(log: log, time: TimeSource(clock), seed: seed + UInt64(life)),
                    gateway: gateway, observer: Ledger(), time: TimeSource(clock),
                    generator: SeededGenerator(seed: seed))
                // Cancelled, not drained: whatever it had in hand is gone.
                await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await connector.consume() }
                    try? await clock.sleep(for: .milliseconds(life == 9 ? 1000 : 37))
                    group.cancelAll()
                }
            }
            #expect(await Set(gateway.calls(of: "figlet").map(\.offset)) == Set(0..<60))
            #expect(await log.committed(topic) == 60)
        }
    }
}

/// Gives its numbers out one by one.
final class Script: Sendable {
    private let numbers: Mutex<[Int]>

    init(_ numbers: [Int]) { self.numbers = Mutex(numbers.reversed()) }

    func next() -> Int? { numbers.withLock { $0.popLast() } }
}
