import Foundation

/// A thread of its own for work that never waits, so that it keeps none of the pool's.
enum WorkerThread {
    static func run(_ name: String, _ work: @escaping @Sendable () -> Void) async {
        await withCheckedContinuation { continuation in
            let thread = Thread {
                work()
                continuation.resume()
            }
            thread.name = name
            thread.stackSize = 8 << 20
            thread.start()
        }
    }
}
