// Where the ends of calls arrive, so that one task takes them all and none waits for each.

import DequeModule
import Synchronization

/// Takes the ends of calls that a gateway began (see `Gateway.begin`). Safe to use from any thread.
public final class CallInbox: Sendable {
    /// What happened to a call or an event outside of the loop that calls functions.
    enum Entry: Sendable {
        /// The event's turn has come.
        case handedOver(EventInHand)
        /// The gateway's end of a call.
        case answered(call: Int, Result<Reply, InvocationFailure>)
        /// A task called the function until it took the event or was given up; `false` if that was interrupted.
        case delivered(call: Int, isTaken: Bool)
        /// The source knows that the event is done.
        case settled(EventInHand, SkipReason?)
    }

    private struct State {
        var entries: Deque<Entry> = []
        /// Emptied, kept for its memory.
        var spare: Deque<Entry> = []
        var isWoken = false
        var waiter: CheckedContinuation<Void, Never>?

        mutating func takeWaiter() -> CheckedContinuation<Void, Never>? {
            defer { waiter = nil }
            return waiter
        }
    }

    private let state = Mutex(State())

    init() {}

    /// A call that was begun has come to its end. Once for each.
    public func end(_ call: Int, _ result: Result<Reply, InvocationFailure>) {
        put(.answered(call: call, result))
    }

    func put(_ entry: Entry) {
        state.withLock { state in
            state.entries.append(entry)
            return state.takeWaiter()
        }?.resume()
    }

    /// Ends the wait, or the next one, though there may be nothing to take.
    func wake() {
        state.withLock { state in
            state.isWoken = true
            return state.takeWaiter()
        }?.resume()
    }

    /// Everything that has come, in order. Give it back with `reuse` once it is empty.
    func take() -> Deque<Entry> {
        state.withLock { state in
            let entries = state.entries
            state.entries = state.spare
            state.spare = []
            return entries
        }
    }

    /// Takes the memory of what `take` gave, unless it was an unusual lot.
    func reuse(_ emptied: consuming Deque<Entry>, holding count: Int) {
        guard count <= 1024 else { return }
        state.withLock { $0.spare = emptied }
    }

    /// Resumes the continuation once there is something to take. One may wait at a time.
    func wait(_ waiter: CheckedContinuation<Void, Never>) {
        let isReady = state.withLock { state in
            defer { state.isWoken = false }
            if state.isWoken || !state.entries.isEmpty { return true }
            state.waiter = waiter
            return false
        }
        if isReady { waiter.resume() }
    }
}
