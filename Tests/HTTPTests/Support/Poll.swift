import TestSupport
import Testing

/// Asks `condition` again and again until it holds.
func poll(sourceLocation: SourceLocation = #_sourceLocation, _ condition: () async throws -> Bool) async throws {
    try await eventually("what is asked for", every: .milliseconds(2), sourceLocation: sourceLocation, condition)
}
