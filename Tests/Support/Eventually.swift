package import Testing

/// Polls a condition until it holds.
///
/// - Parameters:
///   - what: What is waited for, for the failure.
///   - deadline: Long, for slow machines; a healthy run never comes near it.
///   - pause: Between two looks.
package func eventually(
    _ what: String, within deadline: Duration = .seconds(60), every pause: Duration = .milliseconds(20),
    sourceLocation: SourceLocation = #_sourceLocation, _ condition: () async throws -> Bool
) async throws {
    let clock = ContinuousClock()
    let end = clock.now.advanced(by: deadline)
    while try await !condition() {
        try #require(clock.now < end, "\(what) did not happen within \(deadline)", sourceLocation: sourceLocation)
        try await Task.sleep(for: pause)
    }
}
