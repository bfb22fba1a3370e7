import Simulation
import Synchronization
import Testing

private final class Recorder: Sendable {
    private let content = Mutex<[Int]>([])
    var numbers: [Int] { content.withLock { $0 } }
    func append(_ number: Int) { content.withLock { $0.append(number) } }
}

@Suite struct SeededExecutorTests {
    private func order(seed: UInt64) throws -> [Int] {
        let executor = SeededExecutor(seed: seed)
        let order = Recorder()
        try executor.run {
            await withDiscardingTaskGroup { group in
                for number in 0..<20 {
                    group.addTask {
                        await Task.yield()
                        order.append(number)
                    }
                }
            }
        }
        return order.numbers
    }

    @Test func `a seed decides the order of tasks, and gives it again`() throws {
        let first = try order(seed: 1)
        #expect(try order(seed: 1) == first)
        #expect(try order(seed: 2) != first)
        #expect(first.sorted() == Array(0..<20))
    }

    @Test func `an hour passes in no time`() throws {
        let executor = SeededExecutor(seed: 1)
        let clock = executor.clock
        try executor.run { try await clock.sleep(for: .seconds(3600)) }
        #expect(clock.now.offset == .seconds(3600))
    }

    @Test func `sleepers wake in the order of their deadlines`() throws {
        let executor = SeededExecutor(seed: 1)
        let clock = executor.clock
        let woken = Recorder()
        try executor.run {
            await withDiscardingTaskGroup { group in
                for number in [3, 1, 2] {
                    group.addTask {
                        try? await clock.sleep(for: .seconds(number))
                        woken.append(number)
                    }
                }
            }
        }
        #expect(woken.numbers == [1, 2, 3])
    }

    @Test func `a cancelled sleeper wakes at once`() throws {
        let executor = SeededExecutor(seed: 1)
        let clock = executor.clock
        try executor.run {
            await withTaskGroup(of: Bool.self) { group in
                group.addTask {
                    do { try await clock.sleep(for: .seconds(60)) } catch { return error is CancellationError }
                    return false
                }
                try? await clock.sleep(for: .seconds(1))
                group.cancelAll()
                #expect(await group.next() == true)
            }
        }
        #expect(clock.now.offset == .seconds(1))
    }

    @Test func `a task that is cancelled before it sleeps does not sleep`() throws {
        let executor = SeededExecutor(seed: 1)
        let clock = executor.clock
        try executor.run {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { try? await clock.sleep(for: .seconds(60)) }
                group.cancelAll()
            }
        }
        #expect(clock.now.offset == .zero)
    }

    @Test func `a body that can never end is reported as stuck`() {
        let executor = SeededExecutor(seed: 1)
        #expect(throws: SimulationError.stuck(at: .seconds(5))) {
            try executor.run {
                try await executor.clock.sleep(for: .seconds(5))
                let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
                for await _ in stream {}
                continuation.finish()
            }
        }
    }

    @Test func `a loop that never sleeps runs into the step limit`() {
        let executor = SeededExecutor(seed: 1, stepLimit: 1000)
        #expect(throws: SimulationError.tooManySteps(limit: 1000)) {
            try executor.run { while !Task.isCancelled { await Task.yield() } }
        }
    }

    @Test func `an error of the body is the run's`() {
        struct Failure: Error {}
        #expect(throws: Failure.self) { try SeededExecutor(seed: 1).run { throw Failure() } }
    }
}
