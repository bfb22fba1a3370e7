// Notices jobs that leave a simulation: whatever the simulated code puts on the global or the main executor.
//
// The runtime asks a hook before it puts a job there. The hook is the process's, so it looks whether the thread that
// calls it is one that a `SeededExecutor` is running on; all other threads are let be. What the hook does not see, as
// sleeps of the machine's clock, leaves the run stuck, or is noticed when it comes back from another thread. Not
// noticed is what has come back before its task waits for it, as a sleep of a microsecond may: the task goes on at
// once, its turn unchanged.

import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif
#if canImport(Runtime)
    import Runtime
#endif

enum EscapeWatch {
    // As the runtime declares them: swift_task_enqueueGlobal_hook and its kin, each with the function it stands for.
    private typealias Enqueue = @convention(thin) (UnownedJob) -> Void
    private typealias EnqueueHook = @convention(thin) (UnownedJob, Enqueue) -> Void
    private typealias EnqueueLater = @convention(thin) (UInt64, UnownedJob) -> Void
    private typealias EnqueueLaterHook = @convention(thin) (UInt64, UnownedJob, EnqueueLater) -> Void
    private typealias EnqueueAt = @convention(thin) (Int64, Int64, Int64, Int64, Int32, UnownedJob) -> Void
    private typealias EnqueueAtHook =
        @convention(thin) (
            Int64, Int64, Int64, Int64, Int32, UnownedJob, EnqueueAt
        ) -> Void

    /// The executor that runs on a thread, unretained: it is there for as long as it runs.
    private static let current: pthread_key_t? = {
        var key = pthread_key_t()
        return unsafe pthread_key_create(&key, nil) == 0 ? key : nil
    }()

    /// Set once, before the first simulation runs.
    private static let isInstalled: Bool = {
        let enqueue: EnqueueHook = { job, original in
            EscapeWatch.note("a job")
            original(job)
        }
        let later: EnqueueLaterHook = { delay, job, original in
            EscapeWatch.note("a job with a delay")
            original(delay, job)
        }
        let at: EnqueueAtHook = { seconds, nanoseconds, toleranceSeconds, toleranceNanoseconds, clock, job, original in
            EscapeWatch.note("a job with a deadline")
            original(seconds, nanoseconds, toleranceSeconds, toleranceNanoseconds, clock, job)
        }
        let isSet = [
            set("swift_task_enqueueGlobal_hook", enqueue), set("swift_task_enqueueMainExecutor_hook", enqueue),
            set("swift_task_enqueueGlobalWithDelay_hook", later), set("swift_task_enqueueGlobalWithDeadline_hook", at),
        ]
        return isSet.allSatisfy { $0 }
    }()

    /// The variable is the runtime's own, of the type that its header declares, and nothing runs in a simulation yet.
    private static func set<Hook>(_ name: String, _ hook: Hook) -> Bool {
        guard let place = unsafe dlsym(unsafe dlopen(nil, RTLD_NOW), name) else { return false }
        unsafe place.assumingMemoryBound(to: Optional<Hook>.self).pointee = hook
        return true
    }

    /// This thread runs simulated jobs from now on. Answers what it ran before, for `leave`.
    static func enter(_ executor: SeededExecutor) -> UnsafeMutableRawPointer? {
        guard isInstalled, let current else { return nil }
        let former = unsafe pthread_getspecific(current)
        unsafe pthread_setspecific(current, Unmanaged.passUnretained(executor).toOpaque())
        return unsafe former
    }

    static func leave(_ former: UnsafeMutableRawPointer?) {
        guard let current else { return }
        unsafe pthread_setspecific(current, former)
    }

    /// Whether this thread runs that executor's jobs.
    static func isCurrent(_ executor: SeededExecutor) -> Bool {
        guard isInstalled, let current else { return true }
        return unsafe pthread_getspecific(current)
            == UnsafeMutableRawPointer(Unmanaged.passUnretained(executor).toOpaque())
    }

    private static func note(_ what: String) {
        guard let current, let place = unsafe pthread_getspecific(current) else { return }
        // Whoever runs on this thread keeps the executor for as long.
        let executor = unsafe Unmanaged<SeededExecutor>.fromOpaque(place).takeUnretainedValue()
        executor.noteEscape("\(what)\(calls)")
    }

    /// The calls that led here, innermost first, without the runtime's own; one a line.
    private static var calls: String {
        #if canImport(Runtime)
            guard let trace = try? Backtrace.capture(limit: 40), let symbols = trace.symbolicated() else { return "" }
            var lines: [String] = []
            for frame in symbols.frames {
                guard let symbol = frame.symbol, !isOurs(symbol.name) else { continue }
                let place = symbol.sourceLocation.map { " at \($0.path):\($0.line)" } ?? ""
                lines.append("\n    \(symbol.name)\(place)")
            }
            return lines.prefix(12).joined()
        #else
            return ""
        #endif
    }

    private static func isOurs(_ name: String) -> Bool {
        name.contains("EscapeWatch") || name.contains("Backtrace") || name.hasPrefix("swift_")
            || name.hasPrefix("swift::") || name.hasPrefix("specialized Task<>") || name.hasPrefix("(anonymous")
    }
}
