import Connector
import ConnectorTesting
import SeededRandom
import Simulation
import Synchronization
import Testing

/// A connector between an in-memory source and an in-memory gateway.
final class World: Sendable {
    let executor: SeededExecutor
    let log = InMemoryLog()
    let gateway = InMemoryGateway()
    let source: InMemorySource
    let ledger = Ledger()
    let journal: Journal
    let deadLetters = DeadLetterBox()
    let connector: Connector
    var clock: VirtualClock { executor.clock }

    init(
        executor: SeededExecutor, configuration: ConnectorConfiguration, faults: InMemorySource.Faults = .init(),
        sourceSeed: UInt64 = 1, hasDeadLetters: Bool = false, gateway other: (any Gateway)? = nil
    ) {
        self.executor = executor
        journal = Journal(clock: executor.clock)
        let time = TimeSource(executor.clock)
        source = InMemorySource(log: log, time: time, seed: sourceSeed, faults: faults)
        connector = Connector(
            configuration: configuration, source: source, gateway: other ?? gateway,
            deadLetters: hasDeadLetters ? deadLetters : nil, observer: Observers([ledger, JournalObserver(journal)]),
            time: time, generator: SeededGenerator(seed: sourceSeed))
    }

    /// Lets virtual time pass until the ledger satisfies `condition`; fails after an hour of it.
    func until(_ condition: (Ledger.Account) -> Bool) async throws {
        let deadline = clock.now.advanced(by: .seconds(3600))
        while !condition(ledger.account) {
            try #require(clock.now < deadline, "the ledger never got there: \(ledger.account)")
            try await clock.sleep(for: .milliseconds(1))
        }
    }
}

/// Counts who is inside at once.
final class Gauge: Sendable {
    private let state = Mutex((now: 0, highest: 0))

    var highest: Int { state.withLock { $0.highest } }

    @discardableResult
    func enter() -> Int {
        state.withLock { state in
            state.now += 1
            state.highest = max(state.highest, state.now)
            return state.now
        }
    }

    func leave() { state.withLock { $0.now -= 1 } }
}

/// Keeps dead letters, and refuses the first few if told to.
actor DeadLetterBox: DeadLetterSink {
    struct Full: Error {}

    private(set) var letters: [DeadLetter] = []
    private var refusals = 0
    private var isForGood = false

    enum Term { case now, good }

    func refuse(_ count: Int, for term: Term = .now) {
        refusals = count
        isForGood = term == .good
    }

    func send(_ letter: DeadLetter) async throws {
        guard refusals == 0 else {
            refusals -= 1
            if isForGood { throw DeadLetterRefusal("too large") }
            throw Full()
        }
        letters.append(letter)
    }
}

/// Runs `body` beside a connector in virtual time until it returns and the connector has drained.
///
/// - Parameter makeGateway: In place of the world's own.
func simulate(
    seed: UInt64 = 1, faults: InMemorySource.Faults = .init(), hasDeadLetters: Bool = false,
    gateway makeGateway: (SeededExecutor) -> (any Gateway)? = { _ in nil },
    configuration change: (inout ConnectorConfiguration) -> Void = { _ in },
    _ body: @escaping @Sendable (World) async throws -> Void
) throws -> World {
    let executor = SeededExecutor(seed: seed)
    var configuration = ConnectorConfiguration(topics: ["faas-request"])
    change(&configuration)
    let world = World(
        executor: executor, configuration: configuration, faults: faults, sourceSeed: seed,
        hasDeadLetters: hasDeadLetters, gateway: makeGateway(executor))
    try executor.run {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await world.connector.consume() }
            try await body(world)
            await world.connector.drain()
            try await group.waitForAll()
        }
    }
    return world
}
