import Connector
import ConnectorTesting
import Simulation
import Synchronization
import Testing

/// Functions `a`, `b` and `c` of one topic, at a gateway that ends calls without a task that waits for them.
private final class CallbackGateway: Gateway {
    typealias Outcome = Result<Reply, InvocationFailure>

    private struct State {
        var begun: [(function: String, id: EventID)] = []
        var invoked: [(function: String, id: EventID)] = []
        var open: [Int: CallInbox] = [:]
        var mostOpen = 0
    }

    private let executor: SeededExecutor
    private let latency: Duration
    private let answer: @Sendable (Invocation, _ isFirst: Bool) -> Outcome
    private let state = Mutex(State())

    init(
        _ executor: SeededExecutor, latency: Duration = .milliseconds(5),
        answer: @escaping @Sendable (Invocation, _ isFirst: Bool) -> Outcome = { _, _ in .success(Reply(status: 200)) }
    ) {
        self.executor = executor
        self.latency = latency
        self.answer = answer
    }

    var mostOpen: Int { state.withLock { $0.mostOpen } }
    func begun(_ function: String) -> [EventID] {
        state.withLock { $0.begun.filter { $0.function == function }.map(\.id) }
    }
    func invoked(_ function: String) -> [EventID] {
        state.withLock { $0.invoked.filter { $0.function == function }.map(\.id) }
    }

    func namespaces() async throws -> [String] { [] }

    func functions(in namespace: String?) async throws -> [FunctionDescription] {
        ["a", "b", "c"].map { FunctionDescription(name: FunctionName($0), annotations: ["topic": "faas-request"]) }
    }

    func invoke(_ invocation: Invocation) async throws(InvocationFailure) -> Reply {
        state.withLock { $0.invoked.append((invocation.function.name, invocation.event.id)) }
        return try answer(invocation, false).get()
    }

    func begin(_ invocation: Invocation, as call: Int, endingIn inbox: CallInbox) -> Bool {
        state.withLock { state in
            state.begun.append((invocation.function.name, invocation.event.id))
            state.open[call] = inbox
            state.mostOpen = max(state.mostOpen, state.open.count)
        }
        executor.schedule(after: latency) { self.end(call, self.answer(invocation, true)) }
        return true
    }

    private func end(_ call: Int, _ outcome: Outcome) {
        state.withLock { $0.open.removeValue(forKey: call) }?.end(call, outcome)
    }

    func cancelCalls(endingIn inbox: CallInbox) {
        let open = state.withLock { $0.open.filter { $0.value === inbox }.keys.sorted() }
        for call in open { end(call, .failure(InvocationFailure(.cancelled, "cancelled"))) }
    }
}

/// Keeps the gateway that a simulation made.
private final class Kept: Sendable {
    private let gateway = Mutex<CallbackGateway?>(nil)
    var value: CallbackGateway? { gateway.withLock { $0 } }

    func keep(_ gateway: CallbackGateway) -> CallbackGateway {
        self.gateway.withLock { $0 = gateway }
        return gateway
    }
}

/// Calls that a gateway begins and ends by itself.
@Suite struct BegunCallTests {
    private let topic = SourcePartition(topic: "faas-request", partition: 0)

    @Test(arguments: Delivery.allCases, Ordering.allCases)
    func `every function gets every event once`(delivery: Delivery, ordering: Ordering) throws {
        let kept = Kept()
        let world = try simulate(
            gateway: { kept.keep(CallbackGateway($0)) },
            configuration: {
                $0.delivery = delivery
                $0.ordering = ordering
                $0.maxInFlight = 8
            }
        ) { [topic] world in
            for number in 0..<100 { await world.log.append([UInt8(number)], to: topic) }
            try await world.until { $0.handled == 100 }
        }
        let gateway = try #require(kept.value)
        for function in ["a", "b", "c"] {
            #expect(gateway.begun(function).map(\.offset) == Array(0..<100))
            #expect(gateway.invoked(function).isEmpty)
        }
        #expect(gateway.mostOpen == (ordering == .partition ? 3 : 24))
        #expect(world.ledger.account.isBalanced)
        #expect(world.ledger.account.repliesByStatus == [200: 300])
    }

    @Test func `only the function that failed is called again`() throws {
        let kept = Kept()
        let world = try simulate(
            gateway: { executor in
                kept.keep(
                    CallbackGateway(executor) { invocation, isFirst in
                        .success(Reply(status: isFirst && invocation.function.name == "b" ? 503 : 200))
                    })
            },
            configuration: { $0.delivery = .atLeastOnce }
        ) { [topic] world in
            for number in 0..<10 { await world.log.append([UInt8(number)], to: topic) }
            try await world.until { $0.handled == 10 }
        }
        let gateway = try #require(kept.value)
        #expect(gateway.invoked("b").map(\.offset) == Array(0..<10))
        #expect(gateway.invoked("a").isEmpty && gateway.invoked("c").isEmpty)
        #expect(world.ledger.account.repliesByStatus == [200: 30, 503: 10])
        #expect(world.ledger.account.isBalanced)
    }

    @Test func `at most once, a call that fails is the end of it`() throws {
        let kept = Kept()
        let world = try simulate(
            gateway: { executor in
                kept.keep(
                    CallbackGateway(executor) { _, _ in .failure(InvocationFailure(.connectionLost, "lost")) })
            }
        ) { [topic] world in
            await world.log.append([1], to: topic)
            try await world.until { $0.handled == 1 }
        }
        #expect(kept.value?.invoked("a").isEmpty == true)
        #expect(world.ledger.account.gaveUp == [GiveUpReason.noReply: 3])
    }

    @Test(arguments: Delivery.allCases)
    func `past the drain's deadline calls under way are cancelled`(delivery: Delivery) throws {
        let world = try simulate(
            gateway: { CallbackGateway($0, latency: .seconds(3600)) },
            configuration: {
                $0.delivery = delivery
                $0.drainTimeout = .seconds(2)
            }
        ) { [topic] world in
            for number in 0..<3 { await world.log.append([UInt8(number)], to: topic) }
            try await world.until { $0.invocations == 3 }
        }
        let account = world.ledger.account
        #expect(world.clock.now.offset < .seconds(60))
        #expect(account.isBalanced)
        #expect(account.failuresByKind == [InvocationFailure.Kind.cancelled: 3])
        switch delivery {
        case .atMostOnce: #expect(account.gaveUp == [GiveUpReason.shutdown: 3] && account.handled == 1)
        case .atLeastOnce: #expect(account.returned == account.received && account.handled == 0)
        }
    }

    @Test func `cancelling the connector cancels the calls under way`() throws {
        let executor = SeededExecutor(seed: 1)
        let world = World(
            executor: executor, configuration: ConnectorConfiguration(topics: ["faas-request"]),
            gateway: CallbackGateway(executor, latency: .seconds(3600)))
        try executor.run { [topic] in
            await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await world.connector.consume() }
                await world.log.append([1], to: topic)
                try? await world.until { $0.invocations == 3 }
                group.cancelAll()
            }
        }
        #expect(world.clock.now.offset < .seconds(60))
        #expect(world.ledger.account.failuresByKind == [InvocationFailure.Kind.cancelled: 3])
        #expect(world.ledger.account.isBalanced)
    }
}
