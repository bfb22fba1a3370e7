// What the connector's tasks and the source's thread share, behind one lock; continuations are resumed outside of it.

internal import Connector
internal import Synchronization
internal import Threads

/// What the thread is asked to do, in the order asked.
enum Command: Sendable {
    /// Answered with those that RabbitMQ took.
    case acknowledge([DeliveryTag], CheckedContinuation<Set<DeliveryTag>, Never>)
    case settle([(DeliveryTag, Verdict)])
}

final class Shared: Sendable {
    typealias Answer = Result<[Event]?, any Error>

    private struct Waiter {
        let id: UInt64
        let limit: Int
        let reply: CheckedContinuation<Answer, Never>
    }

    private enum Phase { case new, running, closing, closed }

    private struct State {
        var phase = Phase.new
        var isDraining = false
        var failure: RabbitMQError?
        var desk: Desk
        var topics: [String] = []
        var commands: [Command] = []
        var waiter: Waiter?
        var lastWait: UInt64 = 0
        var closers: [CheckedContinuation<Void, Never>] = []
        var notices: (@Sendable (SourceNotice) -> Void)?
        var isConnected = false

        var hasEnded: Bool { isDraining || failure != nil || phase == .closing || phase == .closed }
    }

    private let state: Mutex<State>
    let wake: WakePipe

    init(maxInFlight: Int) throws(RabbitMQError) {
        state = Mutex(State(desk: Desk(maxInFlight: maxInFlight)))
        do { wake = try WakePipe() } catch {
            throw RabbitMQError(.configuration, "no pipe left; raise the limit of open files")
        }
    }

    func tell(_ notice: SourceNotice) { state.withLock { $0.notices }?(notice) }

    // MARK: Life

    func start(_ topics: [String], _ notices: @escaping @Sendable (SourceNotice) -> Void) -> Bool {
        state.withLock { state in
            guard state.phase == .new else { return false }
            state.phase = .running
            state.topics = topics
            state.notices = notices
            return true
        }
    }

    func subscribe(to topics: [String]) {
        state.withLock { $0.topics = topics }
        wake.signal()
    }

    func drain() {
        state.withLock { $0.isDraining = true }
        answerWaiter()
    }

    func close(_ reply: CheckedContinuation<Void, Never>?) {
        let isOver = state.withLock { state in
            switch state.phase {
            case .new: state.phase = .closed
            case .running: state.phase = .closing
            case .closing, .closed: break
            }
            // While the thread connects it cannot hear, and there is nothing that it could still finish.
            if state.phase == .closed || !state.isConnected { return true }
            if let reply { state.closers.append(reply) }
            return false
        }
        answerWaiter()
        wake.signal()
        if isOver { reply?.resume() }
    }

    // MARK: For tasks

    func newWait() -> UInt64 {
        state.withLock { state in
            state.lastWait += 1
            return state.lastWait
        }
    }

    /// One task at a time may wait.
    func wait(limit: Int, _ id: UInt64, _ reply: CheckedContinuation<Answer, Never>) {
        let isSecond = state.withLock { state in
            guard state.waiter == nil else { return true }
            state.waiter = Waiter(id: id, limit: limit, reply: reply)
            return false
        }
        if isSecond {
            reply.resume(returning: .failure(RabbitMQError(.configuration, "another task already waits for events")))
        } else {
            answerWaiter()
        }
    }

    func cancelWait(_ id: UInt64) {
        let waiter = state.withLock { state -> Waiter? in
            guard state.waiter?.id == id else { return nil }
            return state.waiter.take()
        }
        waiter?.reply.resume(returning: .success(nil))
    }

    /// Gives the waiter what there is, or the end.
    private func answerWaiter() {
        let answered = state.withLock { state -> (Waiter, Answer)? in
            guard let waiter = state.waiter else { return nil }
            if state.hasEnded {
                state.waiter = nil
                return (waiter, state.failure.map { .failure($0) } ?? .success(nil))
            }
            let events = state.desk.take(waiter.limit)
            guard !events.isEmpty else { return nil }
            state.waiter = nil
            return (waiter, .success(events))
        }
        if let (waiter, answer) = answered { waiter.reply.resume(returning: answer) }
    }

    func holds(_ event: Event) -> Bool { state.withLock { $0.desk.holds(event.topic, event.epoch) } }

    /// Those of the batch that can be acknowledged, with their tags. They are settled with that.
    func takeInHand(_ batch: [Event]) -> (tags: [DeliveryTag], ours: [Event]) {
        let taken = state.withLock { state in
            batch.compactMap { event -> (DeliveryTag, Event)? in
                guard case .settle(let tag) = state.desk.settle(event.id, event.epoch) else { return nil }
                return (tag, event)
            }
        }
        return (taken.map(\.0), taken.map(\.1))
    }

    func settle(_ settlements: [Settlement]) {
        let ignored = state.withLock { state in
            var ignored: [SourceNotice] = []
            var settled: [(DeliveryTag, Verdict)] = []
            for settlement in settlements {
                switch state.desk.settle(settlement.id, settlement.epoch) {
                case .settle(let tag): settled.append((tag, settlement.verdict))
                case .stale: ignored.append(.settlementIgnored(settlement.id, reason: "stale epoch"))
                case .repeated: ignored.append(.settlementIgnored(settlement.id, reason: "settled before"))
                }
            }
            if !settled.isEmpty { state.commands.append(.settle(settled)) }
            return ignored
        }
        for notice in ignored { tell(notice) }
        wake.signal()
        answerWaiter()
    }

    func post(_ command: Command) {
        let isLate = state.withLock { state in
            guard state.phase == .running || (state.phase == .closing && state.isConnected) else { return true }
            state.commands.append(command)
            return false
        }
        if isLate { Self.abandon(command) }
        wake.signal()
        answerWaiter()
    }

    private static func abandon(_ command: Command) {
        if case .acknowledge(_, let reply) = command { reply.resume(returning: []) }
    }

    func pause(_ queues: [String]) { state.withLock { $0.desk.pause(queues) } }

    func resume(_ queues: [String]) {
        state.withLock { $0.desk.resume(queues) }
        answerWaiter()
    }

    // MARK: For the thread

    var isClosing: Bool { state.withLock { $0.phase != .running } }
    var topics: [String] { state.withLock { $0.topics } }

    func takeCommands() -> [Command] {
        state.withLock { state in
            defer { state.commands = [] }
            return state.commands
        }
    }

    /// - Returns: Whether the source is still wanted.
    func setConnected(_ isConnected: Bool) -> Bool {
        let (commands, isWanted) = state.withLock { state -> ([Command], Bool) in
            state.isConnected = isConnected
            defer { if !isConnected { state.commands = [] } }
            return (isConnected ? [] : state.commands, state.phase == .running)
        }
        for command in commands { Self.abandon(command) }
        return isWanted
    }

    func open(_ queue: String) -> UInt64 { state.withLock { $0.desk.open(queue) } }
    func close(_ queues: [String]) { state.withLock { state in for queue in queues { state.desk.close(queue) } } }

    func tellHeld() {
        let (held, epoch) = state.withLock { ($0.desk.held, $0.desk.epoch) }
        tell(.rebalanced(assigned: held, epoch: epoch))
    }

    func store(_ queue: String, _ message: IncomingMessage) {
        state.withLock { state in
            state.desk.store(queue, tag: message.tag) { id, epoch in Event(message, id: id, epoch: epoch) }
        }
    }

    /// What was stored may be what somebody waits for.
    func deliver() { answerWaiter() }

    /// Ends the stream for good.
    func fail(_ error: RabbitMQError) {
        state.withLock { $0.failure = error }
        answerWaiter()
    }

    /// The thread ends.
    func leave() {
        let (commands, closers) = state.withLock { state in
            state.phase = .closed
            state.isConnected = false
            defer { (state.commands, state.closers) = ([], []) }
            return (state.commands, state.closers)
        }
        for command in commands { Self.abandon(command) }
        answerWaiter()
        for closer in closers { closer.resume() }
    }
}
