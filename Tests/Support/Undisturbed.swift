/// The result of `body` from a time in which the machine did not stand still: for what is about time that is real, and
/// whose looks at it cannot be counted. A run in which nobody came to look for a second does not count, and is made
/// anew, up to five times.
package func undisturbed<Result: Sendable>(_ body: () async throws -> Result) async throws -> Result {
    for _ in 1..<5 {
        let longest = Mutexed(Duration.zero)
        let watch = Task {
            let clock = ContinuousClock()
            while !Task.isCancelled {
                let before = clock.now
                try? await clock.sleep(for: .milliseconds(50))
                longest.change { $0 = max($0, clock.now - before) }
            }
        }
        let result = await Swift.Result(catching: body)
        watch.cancel()
        await watch.value
        if longest.value < .seconds(1) { return try result.get() }
    }
    return try await body()
}

extension Result where Failure == any Error {
    fileprivate init(catching body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}
