import Testing

/// Waits until a condition holds, and fails if it does not within the deadline.
func eventually(
    _ what: String, within deadline: Duration = .seconds(60), _ condition: () async throws -> Bool
) async throws {
    let end = ContinuousClock.now + deadline
    while try await !condition() {
        try #require(ContinuousClock.now < end, "not within \(deadline): \(what)")
        try await Task.sleep(for: .milliseconds(5))
    }
}
