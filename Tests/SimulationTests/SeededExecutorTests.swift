import Simulation
import Synchronization
import Testing

private final class Recorder: Sendable {
    private let content = Mutex<[Int]>([])
    var numbers: [Int] { content.withLock { $0 } }
    func append(_ number: Int) { content.withLock { $0.append(number) } }
}

private actor Place {
    func visit(_ number: Int, _ switches: Int, _ order: Recorder) async {
        for _ in 0..<switches { await elsewhere(order) }
        order.append(number)
    }
}

/// On no actor: whoever calls it from one changes to the executor and back.
@concurrent private func elsewhere(_ order: Recorder) async { _ = order.numbers }

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

    /// Children of a group visit an actor, and change between it and the executor on the way.
    private func visits(seed: UInt64, switches: Int) throws -> (order: [Int], steps: Int) {
        let executor = SeededExecutor(seed: seed)
        let order = Recorder()
        let place = Place()
        try executor.run {
            await withTaskGroup(of: Void.self) { group in
                for number in 0..<6 {
                    group.addTask {
                        for _ in 0..<3 {
                            await place.visit(number, switches, order)
                            await Task.yield()
                        }
                    }
                }
            }
        }
        return (order.numbers, executor.steps)
    }

    @Test(arguments: UInt64(1)...20)
    func `how often a task changes between executors, which the optimizer decides, changes no schedule`(seed: UInt64)
        throws
    {
        let without = try visits(seed: seed, switches: 0)
        for switches in [1, 4] {
            let with = try visits(seed: seed, switches: switches)
            #expect(with == without, "\(switches) switches")
        }
        #expect(without.order != (0..<18).map { $0 / 3 })
    }

    @Test func `a loop that only changes between executors runs into the step limit`() {
        let executor = SeededExecutor(seed: 1, stepLimit: 1000)
        let place = Place()
        #expect(throws: SimulationError.tooManySteps(limit: 1000)) {
            try executor.run { while !Task.isCancelled { await place.visit(0, 1, Recorder()) } }
        }
    }

    @Test func `an hour passes in no time`() throws {
        let executor = SeededExecutor(seed: 1)
        let clock = executor.clock
        try executor.run { try await clock.sleep(for: .seconds(3600)) }
        #expect(clock.now.offset == .seconds(3600))
    }

    @Test func `time passes in whole nanoseconds, and never too few of them`() throws {
        let executor = SeededExecutor(seed: 1)
        let times = try executor.run {
            var times: [Duration] = []
            for attoseconds: Int64 in [1, 999_999_999, 1_000_000_000, 1_000_000_001, 0, -5] {
                try await executor.clock.sleep(for: Duration(secondsComponent: 0, attosecondsComponent: attoseconds))
                times.append(executor.now)
            }
            return times
        }
        #expect(times == [1, 2, 3, 5, 5, 5].map(Duration.nanoseconds))
    }

    @Test func `what is further away than time goes comes last, and does not trap`() throws {
        let executor = SeededExecutor(seed: 1)
        let time = try executor.run {
            try await executor.clock.sleep(for: .seconds(1))
            try await executor.clock.sleep(for: .seconds(Int64.max / 2))
            return executor.now
        }
        #expect(time == .nanoseconds(Int64.max))
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
