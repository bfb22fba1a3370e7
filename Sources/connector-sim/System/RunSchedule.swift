/// The times of a run, counted from its start. They stand still with the machine, or with a laptop that sleeps, so that
/// what is planned to happen one after the other does.
struct RunSchedule {
    private static let step = Duration.milliseconds(50)
    /// What a step takes counts up to here.
    private static let longestStep = Duration.milliseconds(100)

    private var start = ContinuousClock.now

    /// Returns at the time, or soon after `isOver` holds.
    ///
    /// - Throws: `CancellationError`.
    mutating func wait(until time: Duration, unless isOver: () -> Bool = { false }) async throws {
        while !isOver() {
            let before = ContinuousClock.now
            let left = start + time - before
            guard left > .zero else { return }
            do {
                try await Task.sleep(for: min(left, Self.step), tolerance: .zero, clock: .continuous)
            } catch {
                // What ended it may be that it is over.
                guard isOver() else { throw error }
            }
            start += max(.zero, .now - before - Self.longestStep)
        }
    }
}
