internal import Synchronization
internal import Threads

/// Something to do on the consumer's thread, or to answer if that thread has ended.
struct ConsumerCommand: Sendable {
    let run: @Sendable (ConsumerLoop) -> Void
    let abandon: @Sendable () -> Void
}

/// Where a consumer's thread and those who use the consumer meet.
///
/// It holds commands on their way in and at most one batch on its way out: the batch that is ready when the next one
/// is asked for. Nobody resumes a continuation while the lock is held.
final class ConsumerMailbox: Sendable {
    typealias Reply = CheckedContinuation<Result<ConsumerBatch?, any Error>, Never>

    private struct Waiter {
        let id: UInt64
        let max: Int
        let reply: Reply
    }

    private enum Phase {
        case open
        /// No more batches, for the reason that the readers get.
        case ended(KafkaError?)
        /// The thread has ended: no more commands either.
        case gone
    }

    private struct State {
        var phase = Phase.open
        var commands: [ConsumerCommand] = []
        /// Offsets to be noted for the next commit, the last of each partition.
        var stores: [TopicPartition: Int64] = [:]
        /// The batch that is ready, of which `taken` messages were handed out.
        var ready: [ConsumerMessage] = []
        var taken = 0
        /// What was ready of partitions that were then paused; no more of them comes until they are resumed.
        var withheld: [ConsumerMessage] = []
        var waiter: Waiter?
        /// What was last asked for; 0 until someone asks.
        var wanted = 0
        /// What came last was as much as was wanted: there is a backlog, and the next batch is fetched ahead. Without
        /// one, what is left with librdkafka until someone asks costs fewer turns of the thread.
        var isBacklogged = false
        /// Not while something is withheld, or each partition that is paused would leave a batch there.
        var fetchesAhead: Bool { isBacklogged && withheld.isEmpty }

        var isEmpty: Bool { taken == ready.count }

        mutating func take(_ max: Int) -> ConsumerBatch {
            if taken == 0, ready.count <= max {
                defer { ready = [] }
                return ConsumerBatch(messages: ready)
            }
            let end = min(taken + max, ready.count)
            let batch = ConsumerBatch(messages: Array(ready[taken..<end]))
            taken = end
            if isEmpty { clear() }
            return batch
        }

        mutating func clear() {
            ready = []
            taken = 0
        }

        /// Takes messages out of the batch that is ready.
        mutating func removeReady(where isMeant: (ConsumerMessage) -> Bool) -> [ConsumerMessage] {
            let removed = ready[taken...].filter(isMeant)
            if !removed.isEmpty {
                ready = ready[taken...].filter { !isMeant($0) }
                taken = 0
            }
            return removed
        }
    }

    private let state = Mutex(State())
    private let wake: WakePipe

    init(wake: WakePipe) { self.wake = wake }

    // MARK: For those who use the consumer

    /// Leaves a command for the thread.
    func post(_ command: ConsumerCommand) {
        let isGone = state.withLock { state in
            if case .gone = state.phase { return true }
            state.commands.append(command)
            return false
        }
        if isGone { command.abandon() } else { wake.signal() }
    }

    /// Leaves offsets for the thread to note; many calls cost it one.
    func store(_ offsets: [TopicPartitionOffset]) {
        let isFirst = state.withLock { state in
            let isFirst = state.stores.isEmpty
            for offset in offsets { state.stores[offset.partition] = offset.offset }
            return isFirst
        }
        if isFirst { wake.signal() }
    }

    /// The batch that is ready; `nil` if there is none.
    func takeReady(max: Int) -> ConsumerBatch? {
        let (batch, fetchesAhead) = state.withLock { state -> (ConsumerBatch?, Bool) in
            state.wanted = max
            guard !state.isEmpty else { return (nil, false) }
            return (state.take(max), state.isEmpty && state.fetchesAhead)
        }
        // The thread fetches the next batch while this one is being handled.
        if fetchesAhead { wake.signal() }
        return batch
    }

    /// Answers with the next batch when there is one.
    func wait(max: Int, id: UInt64, reply: Reply) {
        let answer = state.withLock { state -> Result<ConsumerBatch?, any Error>? in
            state.wanted = max
            if !state.isEmpty { return .success(state.take(max)) }
            switch state.phase {
            case .ended(let error?): return .failure(error)
            case .ended(nil), .gone: return .success(nil)
            case .open: break
            }
            guard state.waiter == nil else {
                return .failure(
                    KafkaError(.conflict, while: "waiting for messages", reason: "another task already waits"))
            }
            state.waiter = Waiter(id: id, max: max, reply: reply)
            return nil
        }
        if let answer { reply.resume(returning: answer) }
        wake.signal()
    }

    func cancelWait(id: UInt64) {
        let waiter = state.withLock { state -> Waiter? in
            guard state.waiter?.id == id else { return nil }
            return state.waiter.take()
        }
        waiter?.reply.resume(returning: .failure(CancellationError()))
    }

    // MARK: For the thread

    func takeCommands() -> [ConsumerCommand] {
        state.withLock { state in
            guard !state.commands.isEmpty else { return [] }
            defer { state.commands = [] }
            return state.commands
        }
    }

    func takeStores() -> [TopicPartitionOffset] {
        let stores = state.withLock { state in
            defer { if !state.stores.isEmpty { state.stores = [:] } }
            return state.stores
        }
        return stores.map { TopicPartitionOffset($0, $1) }
    }

    /// How many messages to fetch now: 0 while a batch is ready, or nobody waits for one and there is no backlog.
    ///
    /// - Parameter isAwaited: Someone will ask for the next batch at once.
    func room(isAwaited: Bool = false) -> Int {
        state.withLock { state in
            let mayFetch = state.waiter != nil || state.fetchesAhead || isAwaited && state.withheld.isEmpty
            guard case .open = state.phase, state.isEmpty, mayFetch
            else { return 0 }
            return state.wanted
        }
    }

    /// Hands messages to who waits for them, or keeps them as the batch that is ready.
    func deliver(_ messages: [ConsumerMessage]) {
        guard !messages.isEmpty else { return }
        let answer = state.withLock { state -> (Waiter, ConsumerBatch)? in
            guard case .open = state.phase else { return nil }
            state.isBacklogged = messages.count >= state.wanted
            state.ready = state.isEmpty ? messages : Array(state.ready[state.taken...]) + messages
            state.taken = 0
            guard let waiter = state.waiter.take() else { return nil }
            return (waiter, state.take(waiter.max))
        }
        if let (waiter, batch) = answer { waiter.reply.resume(returning: .success(batch)) }
    }

    /// How many messages of each partition were not handed out yet.
    func counts() -> [TopicPartition: Int] {
        let messages = state.withLock { $0.ready[$0.taken...] + $0.withheld }
        return messages.reduce(into: [:]) { $0[$1.topicPartition, default: 0] += 1 }
    }

    /// Drops messages that were not handed out yet.
    func drop(where isUnwanted: (ConsumerMessage) -> Bool) {
        state.withLock { state in
            _ = state.removeReady(where: isUnwanted)
            state.withheld.removeAll(where: isUnwanted)
        }
    }

    /// Keeps messages from being handed out until `release`.
    func withhold(where isMeant: (ConsumerMessage) -> Bool) {
        state.withLock { state in state.withheld += state.removeReady(where: isMeant) }
    }

    /// Hands out what was withheld, before anything that is fetched from now on.
    func release(where isMeant: (ConsumerMessage) -> Bool) {
        let released = state.withLock { state in
            let released = state.withheld.filter(isMeant)
            if !released.isEmpty { state.withheld.removeAll(where: isMeant) }
            return released
        }
        deliver(released)
    }

    /// No batch comes after this; readers get `error`, or `nil` if there is none.
    func end(_ error: KafkaError?) {
        let waiter = state.withLock { state -> Waiter? in
            guard case .open = state.phase else { return nil }
            state.phase = .ended(error)
            state.clear()
            state.withheld = []
            return state.waiter.take()
        }
        waiter?.reply.resume(returning: error.map { .failure($0) } ?? .success(nil))
    }

    /// The thread ends: what was left for it is answered, and so is all that comes.
    func leave() {
        end(nil)
        let commands = state.withLock { state in
            state.phase = .gone
            defer { state.commands = [] }
            return state.commands
        }
        for command in commands { command.abandon() }
    }
}
