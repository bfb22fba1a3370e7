// Decides which calls are under way: as many as there are connections. The others wait here, first come, first served.
// A fan-out is as wide as there are functions, so it must neither fail for want of a connection, nor have its requests
// written, or their timeouts run, before their turn. What waits is bounded by what the connector has in hand.

import Connector
import DequeModule
import Synchronization

/// Safe to use from any thread.
final class CallQueue: Sendable {
    enum Waiting: Sendable {
        /// A call that ends in an inbox.
        case begun(Invocation, call: Int, inbox: CallInbox)
        /// A task that makes the call itself.
        case task(CheckedContinuation<Void, Never>)
    }

    private struct State {
        var free: Int
        var waiting: Deque<Waiting> = []
    }

    private let state: Mutex<State>

    /// - Parameter places: How many calls may be under way.
    init(places: Int) { state = Mutex(State(free: places)) }

    /// `true` if the call may be made now, and `leave` is to follow; else it waits.
    func enter(_ call: @autoclosure () -> Waiting) -> Bool {
        state.withLock { state in
            guard state.free == 0 else {
                state.free -= 1
                return true
            }
            state.waiting.append(call())
            return false
        }
    }

    /// Waits for a place; `leave` is to follow.
    func enter(isolation: isolated (any Actor)? = #isolation) async {
        await withCheckedContinuation(isolation: isolation) { continuation in
            if enter(.task(continuation)) { continuation.resume() }
        }
    }

    /// A call came to its end. `true` if others wait for its place, and `next` is to follow.
    func leave() -> Bool {
        state.withLock { state in
            if state.waiting.isEmpty { state.free += 1 }
            return !state.waiting.isEmpty
        }
    }

    /// Which one has the place of a call that left, and is to be made; `nil` if none waits any more.
    func next() -> Waiting? {
        state.withLock { state in
            if let next = state.waiting.popFirst() { return next }
            state.free += 1
            return nil
        }
    }

    /// Takes out what waits to end in the inbox.
    func removeCalls(endingIn inbox: CallInbox) -> [Int] {
        state.withLock { state in
            var removed: [Int] = []
            state.waiting.removeAll { waiting in
                guard case .begun(_, let call, let owner) = waiting, owner === inbox else { return false }
                removed.append(call)
                return true
            }
            return removed
        }
    }
}
