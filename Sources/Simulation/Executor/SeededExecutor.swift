// Runs Swift tasks on one thread, in an order drawn from a seed, in virtual time.
//
// It decides which of the ready jobs runs next, and when time moves: only when nothing is ready. It may never read a
// real clock. What runs here must stay here: a job on the global executor would bring the machine's own order in, so
// it ends the run (see EscapeWatch).

import SeededRandom
import Synchronization

/// A task executor on which a seed decides the schedule.
public final class SeededExecutor: TaskExecutor {
    // Safe, for a sleeper is resumed once: by whoever takes it out of its slot.
    @safe private enum Due {
        case sleeper(UnsafeContinuation<Void, any Error>)
        case event(@Sendable () -> Void)
    }

    private struct State {
        var generator: SeededGenerator
        var ready: [UnownedJob] = []
        /// What follows from the job that ran last, see `enqueue`, and how much of that has run.
        var following: [UnownedJob] = []
        var followed = 0
        var isRunningJob = false
        /// Since the simulation began.
        var nanoseconds: Int64 = 0
        var timers = TimerQueue<Due>()
        var steps = 0
        /// Jobs that followed from others, in all.
        var followers = 0
        var escape: String?
        /// The body has returned.
        var isOver = false

        mutating func nextFollower() -> UnownedJob? {
            guard followed < following.count else { return nil }
            let job = following[followed]
            followed += 1
            followers += 1
            if followed == following.count {
                following.removeAll(keepingCapacity: true)
                followed = 0
            }
            return job
        }
    }

    @safe private enum Turn {
        case run(UnownedJob)
        case wake(UnsafeContinuation<Void, any Error>)
        case perform(@Sendable () -> Void)
        case cancelled
        case over
        case stuck
        case tooMany
        case escaped(String)
    }

    private let state: Mutex<State>
    private let stepLimit: Int

    /// - Parameters:
    ///   - seed: Decides the schedule.
    ///   - stepLimit: The most jobs and events of one run; more end it with `SimulationError.tooManySteps`.
    public init(seed: UInt64, stepLimit: Int = 10_000_000) {
        state = Mutex(State(generator: SeededGenerator(seed: seed)))
        self.stepLimit = stepLimit
    }

    /// The time that every part of the simulated system sees.
    public var clock: VirtualClock { VirtualClock(executor: self) }

    /// How many jobs and events have run, without what only followed from a job: the same in every build.
    public var steps: Int { state.withLock { $0.steps } }

    // MARK: Running

    /// Runs `body` and everything it starts on the calling thread, until it returns.
    ///
    /// - Throws: What `body` throws, or `SimulationError` if it can never end, or something of it ran elsewhere.
    public func run<Success: Sendable>(_ body: @escaping @Sendable () async throws -> Success) throws -> Success {
        let outcome = Outcome<Success>()
        let former = unsafe EscapeWatch.enter(self)
        defer { unsafe EscapeWatch.leave(former) }
        state.withLock { $0.isOver = false }
        let task = Task(executorPreference: self) {
            do { outcome.set(.success(try await body())) } catch { outcome.set(.failure(error)) }
            self.state.withLock { $0.isOver = true }
        }
        while true {
            switch turn() {
            case .run(let job): unsafe job.runSynchronously(on: asUnownedTaskExecutor())
            case .wake(let sleeper): unsafe sleeper.resume()
            case .perform(let event): event()
            case .cancelled: break
            case .over: if let result = outcome.value { return try result.get() }
            case .stuck: throw SimulationError.stuck(at: now)
            case .tooMany:
                task.cancel()
                throw SimulationError.tooManySteps(limit: stepLimit)
            case .escaped(let origin):
                task.cancel()
                throw SimulationError.escaped(origin)
            }
        }
    }

    /// A job that somebody else made ready waits for its turn, which the seed decides. What a job itself becomes runs
    /// next: a task that switches between an actor and the executor, the actor's own job on that occasion, and whoever
    /// waited for a task that ended. For how often a task switches is the optimizer's choice, and must not matter. What
    /// tells them apart: whoever leaves the thread is not its current task any more when it is enqueued.
    public func enqueue(_ job: consuming ExecutorJob) {
        let unowned = UnownedJob(job)
        // Who enqueues from another thread was somewhere else, where no seed decides.
        if !EscapeWatch.isCurrent(self) { noteEscape("a job that came back from another executor") }
        // Only a task has a priority; to ask for the task itself costs four times as much, for it is copied.
        let isOfATask = if case .some = Task.basePriority { true } else { false }
        state.withLock { state in
            if state.isRunningJob && !isOfATask {
                state.following.append(unowned)
            } else {
                state.ready.append(unowned)
            }
        }
    }

    /// What follows from the last job; a ready job drawn by the seed; else the next that is due, and with it the time.
    private func turn() -> Turn {
        state.withLock { state in
            // Also of a run that is over: what left may have come back before anybody looked.
            // Looked at before it is copied, which every turn would pay for.
            if state.escape != nil { return .escaped(state.escape ?? "") }
            if state.isOver { return .over }
            guard state.steps < stepLimit, state.followers < stepLimit else { return .tooMany }
            if let job = state.nextFollower() { return .run(job) }
            if !state.ready.isEmpty {
                state.isRunningJob = true
                state.steps += 1
                guard state.ready.count > 1 else { return .run(state.ready.removeLast()) }
                let index = Int.random(in: 0..<state.ready.count, using: &state.generator)
                state.ready.swapAt(index, state.ready.count - 1)
                return .run(state.ready.removeLast())
            }
            state.isRunningJob = false
            guard let (deadline, due) = state.timers.next() else { return .stuck }
            guard let due else { return .cancelled }
            state.nanoseconds = deadline
            switch due {
            case .sleeper(let sleeper): return unsafe .wake(sleeper)
            case .event(let event):
                state.steps += 1
                return .perform(event)
            }
        }
    }

    /// A job was put on another executor. The first one counts.
    func noteEscape(_ origin: @autoclosure () -> String) {
        guard state.withLock({ $0.escape == nil }) else { return }
        let origin = origin()
        state.withLock { $0.escape = origin }
    }

    // MARK: Events

    /// An event that is to come.
    public struct ScheduledEvent: Hashable, Sendable {
        /// Unique, and the order of those that are due at one moment.
        let number: UInt64
        let slot: Int
    }

    /// Calls `event` between two jobs, so much later; events of one moment come in the order in which they were
    /// scheduled. Cheaper than a task that sleeps.
    @discardableResult
    public func schedule(after delay: Duration, _ event: @escaping @Sendable () -> Void) -> ScheduledEvent {
        schedule(afterNanoseconds: delay.roundedUpNanoseconds, event)
    }

    /// The same, for who has its times as numbers.
    @discardableResult
    func schedule(afterNanoseconds delay: Int64, _ event: @escaping @Sendable () -> Void) -> ScheduledEvent {
        state.withLock { state in
            let timer = state.timers.reserve()
            // What is too far to be told comes last.
            let (deadline, overflows) = state.nanoseconds.addingReportingOverflow(max(0, delay))
            state.timers.set(timer, at: overflows ? .max : deadline, .event(event))
            return timer
        }
    }

    /// An event that has come already is none of this method's business.
    public func cancel(_ event: ScheduledEvent) {
        // What the closure holds is let go outside of the lock.
        let dropped = state.withLock { $0.timers.cancel(event) }
        _ = consume dropped
    }

    /// Lets go of all events that have not come, and of what they hold, when a run is over.
    public func discardEvents() {
        let dropped = state.withLock { state in
            state.timers.takeAll { due in
                if case .event = due { true } else { false }
            }
        }
        _ = consume dropped
    }

    // MARK: Time, for `VirtualClock`

    /// Of virtual time, since the simulation began.
    public var now: Duration { .nanoseconds(nanoseconds) }

    /// The same, as a number: time passes in whole nanoseconds.
    public var nanoseconds: Int64 { state.withLock { $0.nanoseconds } }

    func sleep(until deadline: Duration) async throws {
        // A task that is cancelled already would find nothing to cancel, and then sleep.
        try Task.checkCancellation()
        let timer = state.withLock { $0.timers.reserve() }
        try await withTaskCancellationHandler {
            try unsafe await withUnsafeThrowingContinuation { unsafe sleep($0, timer, until: deadline) }
        } onCancel: {
            cancelSleep(timer)
        }
        try Task.checkCancellation()
    }

    private func sleep(
        _ sleeper: UnsafeContinuation<Void, any Error>, _ timer: ScheduledEvent, until deadline: Duration
    ) {
        let isDue = state.withLock { state in
            let deadline = deadline.roundedUpNanoseconds
            guard deadline > state.nanoseconds else {
                state.timers.release(timer)
                return true
            }
            state.timers.set(timer, at: deadline, unsafe .sleeper(sleeper))
            return false
        }
        if isDue { unsafe sleeper.resume() }
    }

    private func cancelSleep(_ timer: ScheduledEvent) {
        let due = state.withLock { $0.timers.cancel(timer) }
        if case .sleeper(let sleeper) = due { unsafe sleeper.resume(throwing: CancellationError()) }
    }
}

extension Duration {
    /// Within 292 years, to either side.
    fileprivate var roundedUpNanoseconds: Int64 {
        let (whole, rest) = attoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        return Int64(clamping: rest > 0 ? whole + 1 : whole)
    }
}

/// The result of the body, set by its task and read by the loop that drives it.
private final class Outcome<Success: Sendable>: Sendable {
    private let result = Mutex<Result<Success, any Error>?>(nil)

    var value: Result<Success, any Error>? { result.withLock { $0 } }

    func set(_ value: Result<Success, any Error>) { result.withLock { $0 = value } }
}
