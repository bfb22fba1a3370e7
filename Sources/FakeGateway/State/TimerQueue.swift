import DequeModule
import HTTP

/// What happens later, in the order of its time; of two at the same time, the one that was added first.
struct TimerQueue: Sendable {
    /// Indirect, so that an entry is moved cheaply.
    indirect enum Event: Sendable {
        /// A fault held the request up.
        case resume(HTTPServerRequest, Way)
        /// The gateway looks again whether a function has replicas.
        case poll(PendingRequest, polls: Int)
        /// A timed function answers.
        case answer(CallID, FunctionReply)
        /// The upstream timeout of a call.
        case giveUp(CallID)
        /// Replicas that were started are available.
        case available(FunctionKey, generation: Int)
        /// A function that may scale to zero was idle for its time.
        case idle(FunctionKey, calls: Int)
        /// A fault held the reply up.
        case deliver(Way, GatewayReply)
        /// The next bytes of a slow reply.
        case trickle(Trickle)
        /// The end of a stream of logs.
        case endLogs(Int)
        /// The queue's worker tries again.
        case retry(QueuedCall)
        case refreshServiceCount
    }

    private var entries: Deque<(deadline: GatewayTime, event: Event)> = []

    var next: GatewayTime? { entries.first?.deadline }

    mutating func add(_ event: Event, at deadline: GatewayTime) {
        var low = 0
        var high = entries.count
        // Most are later than all others.
        if let last = entries.last, last.deadline <= deadline { low = high }
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].deadline <= deadline { low = middle + 1 } else { high = middle }
        }
        entries.insert((deadline, event), at: low)
    }

    mutating func popDue(_ now: GatewayTime) -> (deadline: GatewayTime, event: Event)? {
        guard let first = entries.first, first.deadline <= now else { return nil }
        return entries.removeFirst()
    }

    /// Drops first entries that mean nothing any more.
    mutating func dropFirst(while isVoid: (Event) -> Bool) {
        while let first = entries.first, isVoid(first.event) { entries.removeFirst() }
    }
}
