import Simulation

/// One event to come: the earliest of those it was set for.
// Sendable without a lock, for only jobs and events of one executor touch it, and that is one thread.
final class Alarm<Deadline: Comparable & SendableMetatype>: @unchecked Sendable {
    private let executor: SeededExecutor
    private var armed: (deadline: Deadline, event: SeededExecutor.ScheduledEvent)?

    init(_ executor: SeededExecutor) { self.executor = executor }

    /// - Parameters:
    ///   - deadline: By the clock of whom it wakes; a later one than that it is set for changes nothing.
    ///   - wait: From now until then.
    func set(at deadline: Deadline, in wait: Duration, _ action: @escaping @Sendable () -> Void) {
        guard armed.map({ deadline < $0.deadline }) ?? true else { return }
        cancel()
        let event = executor.schedule(after: wait) { [self] in
            armed = nil
            action()
        }
        armed = (deadline, event)
    }

    func cancel() {
        if let armed { executor.cancel(armed.event) }
        armed = nil
    }
}
