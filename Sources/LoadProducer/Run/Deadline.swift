/// The result of `body`, or `nil` if it takes longer: then its task is cancelled.
func within<Result: Sendable>(
    _ duration: Duration, _ body: @escaping @Sendable () async throws -> Result?
) async throws -> Result? {
    guard duration > .zero else { return nil }
    return try await withThrowingTaskGroup { group in
        group.addTask { try await body() }
        group.addTask {
            try? await Task.sleep(for: duration)
            return nil
        }
        defer { group.cancelAll() }
        do {
            return try await group.next() ?? nil
        } catch is CancellationError {
            return nil
        }
    }
}
