/// What `body` returns in a time in which the machine did not stand still: for what is about time that is real, and
/// whose looks at it cannot be counted. A run in which nobody came to look for a second does not count, and is made
/// anew, up to five times.
package func undisturbed<Value: Sendable>(_ body: () async -> Value) async -> Value {
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
        let value = await body()
        watch.cancel()
        await watch.value
        if longest.value < .seconds(1) { return value }
    }
    return await body()
}
