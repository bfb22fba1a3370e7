import Connector
import Simulation
import Synchronization
import Testing

/// A connector between an in-memory source and an in-memory gateway.
final class World: Sendable {
    let executor: SeededExecutor
    let log = InMemoryLog()
    let gateway = InMemoryGateway()
    let ledger = Ledger()
    let journal: Journal
    let connector: Connector
    var clock: VirtualClock { executor.clock }

    init(
        executor: SeededExecutor, configuration: ConnectorConfiguration, faults: InMemorySource.Faults = .init(),
        sourceSeed: UInt64 = 1
    ) {
        self.executor = executor
        journal = Journal(clock: executor.clock)
        let time = TimeSource(executor.clock)
        connector = Connector(
            configuration: configuration,
            source: InMemorySource(log: log, time: time, seed: sourceSeed, faults: faults),
            gateway: gateway, observer: Observers([ledger, JournalObserver(journal)]), time: time)
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
