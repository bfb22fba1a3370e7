// Runs Swift tasks on one thread, in an order drawn from a seed, in virtual time.
//
// It decides which of the ready jobs runs next, and when time moves: only when nothing is ready. It may never read a
// real clock. What runs here must stay here: a job on the global executor would bring the machine's own order in.

import HeapModule
import SeededRandom
import Synchronization

/// A task executor on which a seed decides the schedule.
public final class SeededExecutor: TaskExecutor {
    /// A sleeper, and when to wake it.
    struct Timer: Comparable {
        let deadline: Duration
        /// Unique, and the order of sleepers with one deadline.
        let number: UInt64

        static func < (left: Timer, right: Timer) -> Bool {
            (left.deadline, left.number) < (right.deadline, right.number)
        }
    }

    private struct State {
        var generator: SeededGenerator
        var ready: [UnownedJob] = []
        var now = Duration.zero
        var timers = Heap<Timer>()
        var sleepers: [UInt64: CheckedContinuation<Void, any Error>] = [:]
        var nextTimer: UInt64 = 0
        var steps = 0
    }

    private enum Turn {
        case run(UnownedJob)
        case wake(CheckedContinuation<Void, any Error>?)
        case stuck
    }

    private let state: Mutex<State>
    private let stepLimit: Int

    /// - Parameters:
    ///   - seed: Decides the schedule.
    ///   - stepLimit: The most jobs of one run; more end it with `SimulationError.tooManySteps`.
    public init(seed: UInt64, stepLimit: Int = 10_000_000) {
        state = Mutex(State(generator: SeededGenerator(seed: seed)))
        self.stepLimit = stepLimit
    }

    /// The time that every part of the simulated system sees.
    public var clock: VirtualClock { VirtualClock(executor: self) }

    /// How many jobs have run.
    public var steps: Int { state.withLock { $0.steps } }

    // MARK: Running

    /// Runs `body` and everything it starts on the calling thread, until it returns.
    ///
    /// - Throws: What `body` throws, or `SimulationError` if it can never end.
    public func run<Success: Sendable>(_ body: @escaping @Sendable () async throws -> Success) throws -> Success {
        let outcome = Outcome<Success>()
        let task = Task(executorPreference: self) {
            do { outcome.set(.success(try await body())) } catch { outcome.set(.failure(error)) }
        }
        while true {
            if let result = outcome.value { return try result.get() }
            guard steps < stepLimit else {
                task.cancel()
                throw SimulationError.tooManySteps(limit: stepLimit)
            }
            switch turn() {
            case .run(let job): unsafe job.runSynchronously(on: asUnownedTaskExecutor())
            case .wake(let sleeper): sleeper?.resume()
            case .stuck: throw SimulationError.stuck(at: now)
            }
        }
    }

    public func enqueue(_ job: consuming ExecutorJob) {
        let unowned = UnownedJob(job)
        state.withLock { $0.ready.append(unowned) }
    }

    /// A ready job drawn by the seed; else the next sleeper, and with it the time.
    private func turn() -> Turn {
        state.withLock { state in
            if !state.ready.isEmpty {
                state.steps += 1
                let index = Int.random(in: 0..<state.ready.count, using: &state.generator)
                state.ready.swapAt(index, state.ready.count - 1)
                return .run(state.ready.removeLast())
            }
            guard let timer = state.timers.popMin() else { return .stuck }
            guard let sleeper = state.sleepers.removeValue(forKey: timer.number) else { return .wake(nil) }
            state.now = timer.deadline
            return .wake(sleeper)
        }
    }

    // MARK: Time, for `VirtualClock`

    var now: Duration { state.withLock { $0.now } }

    func newTimer() -> UInt64 {
        state.withLock { state in
            state.nextTimer += 1
            return state.nextTimer
        }
    }

    func sleep(_ sleeper: CheckedContinuation<Void, any Error>, number: UInt64, until deadline: Duration) {
        let isDue = state.withLock { state in
            if deadline <= state.now { return true }
            state.timers.insert(Timer(deadline: deadline, number: number))
            state.sleepers[number] = sleeper
            return false
        }
        if isDue { sleeper.resume() }
    }

    func cancelSleep(number: UInt64) {
        let sleeper = state.withLock { $0.sleepers.removeValue(forKey: number) }
        sleeper?.resume(throwing: CancellationError())
    }
}

/// The result of the body, set by its task and read by the loop that drives it.
private final class Outcome<Success: Sendable>: Sendable {
    private let result = Mutex<Result<Success, any Error>?>(nil)

    var value: Result<Success, any Error>? { result.withLock { $0 } }

    func set(_ value: Result<Success, any Error>) { result.withLock { $0 = value } }
}

/// Why a simulated run could not end.
public enum SimulationError: Error, Equatable, CustomStringConvertible {
    /// Nothing is ready, nobody sleeps, and the body has not returned.
    case stuck(at: Duration)
    case tooManySteps(limit: Int)

    public var description: String {
        switch self {
        case .stuck(let time):
            """
            the simulation is stuck at \(time) of virtual time: no job is ready and no timer is set, but the body has \
            not returned; a task waits for something that never comes, or a job ran outside of the executor
            """
        case .tooManySteps(let limit):
            "the simulation did not end within \(limit) steps; raise stepLimit, or look for a loop that never sleeps"
        }
    }
}
