// Runs Swift tasks on one thread, in an order drawn from a seed, in virtual time.
//
// It decides which of the ready jobs runs next, and when time moves: only when nothing is ready. It may never read a
// real clock. What runs here must stay here: a job on the global executor would bring the machine's own order in, so
// it ends the run (see EscapeWatch).

import HeapModule
import SeededRandom
import Synchronization

/// A task executor on which a seed decides the schedule.
public final class SeededExecutor: TaskExecutor {
    /// A sleeper or an event, and when its time comes.
    struct Timer: Comparable {
        let deadline: Duration
        let event: ScheduledEvent

        static func < (left: Timer, right: Timer) -> Bool {
            left.deadline == right.deadline
                ? left.event.number < right.event.number : left.deadline < right.deadline
        }
    }

    /// What a timer is for, until it is cancelled; the place is free again when its time has come.
    private struct Slot {
        var number: UInt64
        var due: Due?
    }

    private enum Due {
        case sleeper(CheckedContinuation<Void, any Error>)
        case event(@Sendable () -> Void)
    }

    private struct State {
        var generator: SeededGenerator
        var ready: [UnownedJob] = []
        var now = Duration.zero
        var timers = Heap<Timer>()
        var slots: [Slot] = []
        var freeSlots: [Int] = []
        var nextTimer: UInt64 = 0
        var steps = 0
        var escape: String?
        /// The body has returned.
        var isOver = false

        mutating func newTimer() -> ScheduledEvent {
            nextTimer += 1
            guard let free = freeSlots.popLast() else {
                slots.append(Slot(number: nextTimer))
                return ScheduledEvent(number: nextTimer, slot: slots.count - 1)
            }
            slots[free].number = nextTimer
            return ScheduledEvent(number: nextTimer, slot: free)
        }

        /// Nil if it is over or cancelled.
        mutating func take(_ event: ScheduledEvent) -> Due? {
            guard slots[event.slot].number == event.number else { return nil }
            let due = slots[event.slot].due
            slots[event.slot].due = nil
            return due
        }
    }

    private enum Turn {
        case run(UnownedJob)
        case wake(CheckedContinuation<Void, any Error>)
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

    /// How many jobs and events have run.
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
            case .wake(let sleeper): sleeper.resume()
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

    public func enqueue(_ job: consuming ExecutorJob) {
        let unowned = UnownedJob(job)
        // Who enqueues from another thread was somewhere else, where no seed decides.
        if !EscapeWatch.isCurrent(self) { noteEscape("a job that came back from another executor") }
        state.withLock { $0.ready.append(unowned) }
    }

    /// A ready job drawn by the seed; else the next that is due, and with it the time.
    private func turn() -> Turn {
        state.withLock { state in
            if state.isOver { return .over }
            if let origin = state.escape { return .escaped(origin) }
            guard state.steps < stepLimit else { return .tooMany }
            if !state.ready.isEmpty {
                state.steps += 1
                guard state.ready.count > 1 else { return .run(state.ready.removeLast()) }
                let index = Int.random(in: 0..<state.ready.count, using: &state.generator)
                state.ready.swapAt(index, state.ready.count - 1)
                return .run(state.ready.removeLast())
            }
            guard let timer = state.timers.popMin() else { return .stuck }
            let due = state.take(timer.event)
            state.freeSlots.append(timer.event.slot)
            guard let due else { return .cancelled }
            state.now = timer.deadline
            switch due {
            case .sleeper(let sleeper): return .wake(sleeper)
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
        state.withLock { state in
            let timer = state.newTimer()
            state.timers.insert(Timer(deadline: state.now + max(.zero, delay), event: timer))
            state.slots[timer.slot].due = .event(event)
            return timer
        }
    }

    /// An event that has come already is none of this method's business.
    public func cancel(_ event: ScheduledEvent) {
        // What the closure holds is let go outside of the lock.
        let dropped = state.withLock { $0.take(event) }
        _ = consume dropped
    }

    /// Lets go of all events that have not come, and of what they hold, when a run is over.
    public func discardEvents() {
        let dropped = state.withLock { state in
            var events: [Due] = []
            for index in state.slots.indices {
                guard let due = state.slots[index].due, case .event = due else { continue }
                events.append(due)
                state.slots[index].due = nil
            }
            return events
        }
        _ = consume dropped
    }

    // MARK: Time, for `VirtualClock`

    /// Of virtual time, since the simulation began.
    public var now: Duration { state.withLock { $0.now } }

    func newTimer() -> ScheduledEvent { state.withLock { $0.newTimer() } }

    func sleep(_ sleeper: CheckedContinuation<Void, any Error>, _ timer: ScheduledEvent, until deadline: Duration) {
        let isDue = state.withLock { state in
            if deadline <= state.now {
                state.freeSlots.append(timer.slot)
                return true
            }
            state.timers.insert(Timer(deadline: deadline, event: timer))
            state.slots[timer.slot].due = .sleeper(sleeper)
            return false
        }
        if isDue { sleeper.resume() }
    }

    func cancelSleep(_ timer: ScheduledEvent) {
        let due = state.withLock { $0.take(timer) }
        if case .sleeper(let sleeper) = due { sleeper.resume(throwing: CancellationError()) }
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
    /// A job was put on an executor of the machine's, such as an unstructured task, or came back from one. Holds the
    /// calls that led there, innermost first.
    case escaped(String)

    public var description: String {
        switch self {
        case .stuck(let time):
            """
            the simulation is stuck at \(time) of virtual time: no job is ready and no timer is set, but the body has \
            not returned; a task waits for something that never comes, or left for where no seed decides (Task.sleep, \
            or an actor with an executor of its own)
            """
        case .tooManySteps(let limit):
            "the simulation did not end within \(limit) steps; raise stepLimit, or look for a loop that never sleeps"
        case .escaped(let origin):
            """
            a job left the simulation for the machine's own executor, where no seed decides its turn; use a child task \
            of a group in place of Task {}, and the simulation's clock in place of Task.sleep. It came from:
            \(origin)
            """
        }
    }
}
