internal import Synchronization

/// Whoever waits for a consumer's end: woken by it, or by the one who watches the time.
final class CloseReply: Sendable {
    private enum State {
        case new
        case waiting(CheckedContinuation<Void, Never>)
        case ended
    }

    private let state = Mutex(State.new)

    /// Returns at the end, once `begin` was called. For one task.
    func wait(_ begin: () -> Void) async {
        await withCheckedContinuation { continuation in
            state.withLock { $0 = .waiting(continuation) }
            begin()
        }
    }

    /// Whether it is the first end, which counts.
    @discardableResult
    func end() -> Bool {
        let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
            defer { state = .ended }
            if case .waiting(let waiter) = state { return waiter }
            return nil
        }
        waiter?.resume()
        return waiter != nil
    }
}
