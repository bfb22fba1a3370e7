import Foundation

/// Runs what reckons for long on a thread of its own. On one of the few that tasks have, deadlines of other tests would
/// pass meanwhile.
public func apart<Result: Sendable>(_ body: @escaping @Sendable () -> Result) async -> Result {
    await withCheckedContinuation { done in
        Thread.detachNewThread { done.resume(returning: body()) }
    }
}
