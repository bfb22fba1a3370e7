internal import Synchronization

/// Runs tasks on a thread of its own, which they may block.
///
/// A sleep of `Task` wakes a thread for its timer and another for what follows. On this one `Thread.sleep` wakes one,
/// which counts where there are thousands of sleeps a second.
package final class BlockingExecutor: TaskExecutor {
    private struct State {
        var jobs: [UnownedJob] = []
        var isEnded = false
    }

    private let state = Mutex(State())
    private let wake: WakePipe

    private init() throws(WakePipe.Failure) { wake = try WakePipe() }

    /// The result of `body`, which runs on a thread of this name, but for what belongs to an actor.
    /// - Throws: What `body` throws; `WakePipe.Failure`.
    package static func run<R: Sendable>(_ name: String, _ body: sending () async throws -> R) async throws -> R {
        let executor = try BlockingExecutor()
        Thread.detach(name) { executor.serve() }
        defer { executor.end() }
        return try await withTaskExecutorPreference(executor, operation: body)
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        state.withLock { $0.jobs.append(job) }
        wake.signal()
    }

    private func end() {
        state.withLock { $0.isEnded = true }
        wake.signal()
    }

    /// In the order of their coming, until the end.
    private func serve() {
        while true {
            let (jobs, isEnded) = state.withLock { state in
                defer { state.jobs = [] }
                return (state.jobs, state.isEnded)
            }
            for job in jobs { unsafe job.runSynchronously(on: asUnownedTaskExecutor()) }
            if jobs.isEmpty {
                if isEnded { return }
                wake.wait(timeout: nil)
            }
        }
    }
}
