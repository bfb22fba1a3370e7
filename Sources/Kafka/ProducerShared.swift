internal import Synchronization

/// A moment in the making of room.
package struct RoomMark: Equatable, Sendable {
    fileprivate let count: UInt64
}

/// Where a producer's thread and those who produce meet: who is inside, who waits for room, and the end.
final class ProducerShared: Sendable {
    private static let closedBit = 1 << 40

    private struct State {
        var waiters: [CheckedContinuation<Void, Never>] = []
        var isStopped = false
        /// Those who wait for the thread's end.
        var enders: [CheckedContinuation<Void, Never>] = []
        var hasEnded = false
    }

    /// How many calls are handing a message to librdkafka right now; with `closedBit` once none may begin.
    private let inside = Atomic(0)
    /// Grows whenever delivery reports made room.
    private let roomCounter = Atomic<UInt64>(0)
    private let state = Mutex(State())

    // MARK: Producing

    func enter() -> Bool {
        if inside.add(1, ordering: .acquiringAndReleasing).oldValue < Self.closedBit { return true }
        exit()
        return false
    }

    func exit() { inside.subtract(1, ordering: .acquiringAndReleasing) }

    /// Lets no more messages in; returns when the last call that is inside has left.
    func closeGate() async {
        inside.add(Self.closedBit, ordering: .acquiringAndReleasing)
        // Such a call takes microseconds.
        while inside.load(ordering: .acquiring) & (Self.closedBit - 1) != 0 { await Task.yield() }
    }

    // MARK: Room

    /// Taken before an attempt, so that room made between the attempt and the wait is not missed.
    var roomMark: RoomMark { RoomMark(count: roomCounter.load(ordering: .acquiring)) }

    func waitForRoom(since mark: RoomMark) async {
        await withCheckedContinuation { waiter in
            let mustWait = state.withLock { state in
                guard !state.isStopped, roomMark == mark else { return false }
                state.waiters.append(waiter)
                return true
            }
            if !mustWait { waiter.resume() }
        }
    }

    /// Delivery reports were served.
    func madeRoom() {
        roomCounter.add(1, ordering: .acquiringAndReleasing)
        let waiters = state.withLock { state in
            defer { state.waiters.removeAll(keepingCapacity: true) }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    // MARK: End

    var isStopped: Bool { state.withLock { $0.isStopped } }

    func stop() {
        state.withLock { $0.isStopped = true }
        madeRoom()
    }

    func waitForEnd() async {
        await withCheckedContinuation { ender in
            let mustWait = state.withLock { state in
                guard !state.hasEnded else { return false }
                state.enders.append(ender)
                return true
            }
            if !mustWait { ender.resume() }
        }
    }

    /// The thread ends.
    func end() {
        let enders = state.withLock { state in
            state.hasEnded = true
            defer { state.enders = [] }
            return state.enders
        }
        for ender in enders { ender.resume() }
    }
}
