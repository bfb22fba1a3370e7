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
    let clock = ContinuousClock()
    var left = deadline
    var last = clock.now
    while try await !condition() {
        try #require(
            left > .zero, "\(what) did not happen within \(deadline)\(state())", sourceLocation: sourceLocation)
        try await Task.sleep(for: pause)
        // A machine that stood still, as one did for a minute, gave nobody the time to make it happen.
        let now = clock.now
        left -= min(now - last, longestStep)
        last = now
    }
}

/// What passes between two looks counts up to here.
private let longestStep = Duration.seconds(5)
