package import Testing

/// Polls a condition until it holds.
///
/// - Parameters:
///   - what: What is waited for, for the failure.
///   - deadline: Long, for slow machines; a healthy run never comes near it.
///   - pause: Between two looks.
///   - state: What stands instead, for the failure. Not an autoclosure: beside those of a `#expect` in the same
///     function, Swift 6.3 called the one for the other.
package func eventually(
    _ what: String, within deadline: Duration = .seconds(60), every pause: Duration = .milliseconds(20),
    state: () -> String = { "" }, sourceLocation: SourceLocation = #_sourceLocation,
    _ condition: () async throws -> Bool
) async throws {
    var patience = Patience(deadline)
    while try await !condition() {
        let isTimeLeft = patience.lasts()
        try #require(
            isTimeLeft, "\(what) did not happen within \(deadline)\(state())", sourceLocation: sourceLocation)
        try await Task.sleep(for: pause)
    }
}

/// A deadline. A machine that stood still, as one did for minutes, gave nobody the time to make anything happen: what
/// passes between two looks counts up to five seconds.
package struct Patience {
    private var left: Duration
    private var last = ContinuousClock.now

    package init(_ deadline: Duration) { left = deadline }

    /// To be asked at each look.
    package mutating func lasts() -> Bool {
        let now = ContinuousClock.now
        left -= min(now - last, .seconds(5))
        last = now
        return left > .zero
    }
}
