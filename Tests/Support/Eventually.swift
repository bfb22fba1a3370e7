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
    let end = clock.now.advanced(by: deadline)
    while try await !condition() {
        try #require(
            clock.now < end, "\(what) did not happen within \(deadline)\(state())", sourceLocation: sourceLocation)
        try await Task.sleep(for: pause)
    }
}
