internal import Dispatch

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// Threads of this package's own, for what blocks: Swift's pool must not.
@safe package enum Thread {
    /// Runs `body` on a new thread that nobody joins.
    ///
    /// - Parameter name: What `top -H` and debuggers show; 15 bytes at most. Without one it would be its creator's.
    package static func detach(_ name: String, _ body: @escaping @Sendable () -> Void) {
        var attributes = pthread_attr_t()
        unsafe pthread_attr_init(&attributes)
        unsafe pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        defer { unsafe pthread_attr_destroy(&attributes) }
        let start = unsafe Unmanaged.passRetained(Start(name, body)).toOpaque()
        #if canImport(Darwin)
            var thread: pthread_t?
        #else
            var thread = pthread_t()
        #endif
        let failure = unsafe pthread_create(&thread, &attributes, run, start)
        precondition(failure == 0, "the system refused a thread: error \(failure)")
    }

    /// The result of `body`, which may block, from a thread of its own.
    package static func blocking<R: Sendable>(_ body: @escaping @Sendable () -> R) async -> R {
        await withCheckedContinuation { continuation in
            detach("blocking") { continuation.resume(returning: body()) }
        }
    }

    /// Runs `body` on a thread of its own, and blocks the calling one until it returns, but no longer than `time`.
    /// Returns whether it did; if not, it goes on alone.
    package static func run(_ name: String, within time: Duration, _ body: @escaping @Sendable () -> Void) -> Bool {
        let end = DispatchSemaphore(value: 0)
        detach(name) {
            body()
            end.signal()
        }
        return end.wait(timeout: .now() + time / .seconds(1)) == .success
    }

    /// Blocks the calling thread, for less if a signal comes.
    package static func sleep(nanoseconds: UInt64) {
        let (seconds, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        var time = timespec(tv_sec: Int(seconds), tv_nsec: Int(rest))
        _ = unsafe nanosleep(&time, nil)
    }

    private final class Start: Sendable {
        private let name: String
        private let body: @Sendable () -> Void

        init(_ name: String, _ body: @escaping @Sendable () -> Void) { (self.name, self.body) = (name, body) }

        func run() {
            takeName()
            body()
        }

        private func takeName() {
            #if canImport(Darwin)
                _ = unsafe pthread_setname_np(name)
            #else
                // The C library's function for it is hidden behind _GNU_SOURCE. Without /proc there is no name.
                let file = unsafe open("/proc/thread-self/comm", O_WRONLY | O_CLOEXEC)
                guard file >= 0 else { return }
                _ = unsafe write(file, name, name.utf8.count)
                close(file)
            #endif
        }
    }

    #if canImport(Darwin)
        private static let run: @convention(c) (UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? = { start in
            unsafe Unmanaged<Start>.fromOpaque(start).takeRetainedValue().run()
            return nil
        }
    #else
        private static let run: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { start in
            if let start = unsafe start { unsafe Unmanaged<Start>.fromOpaque(start).takeRetainedValue().run() }
            return nil
        }
    #endif
}
