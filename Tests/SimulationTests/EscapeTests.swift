import Simulation
import Testing

@Suite struct EscapeTests {
    private func escape(_ body: @escaping @Sendable () async throws -> Void) throws -> String {
        let executor = SeededExecutor(seed: 1)
        do {
            try executor.run {
                try await body()
                try await executor.clock.sleep(for: .seconds(1))
            }
        } catch SimulationError.escaped(let origin) {
            return origin
        }
        return ""
    }

    @Test func `an unstructured task ends the run, and its origin is named`() throws {
        let origin = try escape { leavesByTask() }
        #expect(origin.contains("leavesByTask"))
        #if canImport(Glibc)
            #expect(origin.contains("EscapeTests.swift"))
        #endif
    }

    @Test func `a sleep of the machine's clock does not go by unnoticed`() {
        // Long enough not to be over before its task waits for it, on however busy a machine.
        #expect(throws: SimulationError.self) {
            try SeededExecutor(seed: 1).run { try await ContinuousClock().sleep(for: .seconds(3600)) }
        }
    }

    @Test func `a result of another executor does not go by unnoticed`() {
        #expect(throws: SimulationError.self) {
            try SeededExecutor(seed: 1).run { await elsewhere() }
        }
    }

    @Test func `child tasks, actors and the simulation's own clock stay`() throws {
        actor Counter {
            var count = 0
            func add() { count += 1 }
        }
        let counter = Counter()
        let executor = SeededExecutor(seed: 1)
        let count = try executor.run {
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<10 { group.addTask { await counter.add() } }
            }
            try await executor.clock.sleep(for: .seconds(1))
            return await counter.count
        }
        #expect(count == 10)
    }

    @Test func `what other threads do meanwhile is their own business`() async throws {
        async let elsewhere: Int = Task { 1 }.value
        let executor = SeededExecutor(seed: 1)
        try executor.run { try await executor.clock.sleep(for: .seconds(1)) }
        #expect(await elsewhere == 1)
    }
}

@inline(never)
private func leavesByTask() {
    Task { _ = 1 }
}

/// Waits for a task that runs on no particular executor.
private func elsewhere() async {
    await Task.detached { _ = 1 }.value
}
