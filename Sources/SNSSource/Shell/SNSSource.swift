// SNS as a source of events: an HTTP endpoint whose replies are the acknowledgements.
//
// It decides nothing: the gate judges requests, the certificate cache says what may be fetched, the inbox says what
// becomes an event and what is answered. Here are the lock around them, the server and the clock.

package import Connector
import HTTP
package import Logging
package import NIOCore
import Synchronization

package final class SNSSource: EventSource {
    package let kind = "sns"
    /// A refusal for good (422) moves the message to the subscription's dead-letter queue, if it has one.
    package let capabilities = SourceCapabilities(settlement: .individual, canPause: false, hasDeadLetters: true)
    package let attributeNames = ["Message-Id", "Arn"].map { "X-Sns-\($0)" }

    struct State {
        enum Phase {
            case new
            case starting
            case running(HTTPServer, sweep: RepeatedTask)
            case closed
        }

        var phase = Phase.new
        var inbox: Inbox
        var certificates: CertificateCache
        /// Messages that wait for a certificate; looked up by its URL.
        var pending: [AllowedURL: [PendingMessage]] = [:]
        var confirming: Set<MessageKey> = []
        var exchanges: [Ticket: HTTPServerExchange] = [:]
        var lastTicket: Ticket = 0
        var waiters: [(id: UInt64, limit: Int, continuation: CheckedContinuation<[Event]?, Never>)] = []
        var lastWaiter: UInt64 = 0
        var statistics = SNSStatistics()
        var notices: (@Sendable (SourceNotice) -> Void)?
    }

    let configuration: SNSSourceConfiguration
    let gate: Gate
    let fetcher: any SNSFetcher
    let eventLoop: any EventLoop
    let time: TimeSource
    /// Milliseconds since 1970.
    let wallClock: @Sendable () -> Int64
    let logger: Logger
    let state: Mutex<State>
    private static let sweepInterval = TimeAmount.milliseconds(100)

    /// - Parameters:
    ///   - eventLoop: Where requests are answered.
    ///   - wallClock: Milliseconds since 1970, for the age of messages and certificates.
    /// - Throws: For a setting that cannot be used.
    package init(
        _ configuration: SNSSourceConfiguration, on eventLoop: any EventLoop, fetcher: (any SNSFetcher)? = nil,
        time: TimeSource = TimeSource(ContinuousClock()),
        wallClock: @escaping @Sendable () -> Int64 = { WallClock.unixNanoseconds() / 1_000_000 }, logger: Logger
    ) throws(SNSConfigurationError) {
        gate = try Gate(configuration)
        self.configuration = configuration
        self.eventLoop = eventLoop
        self.fetcher = fetcher ?? HTTPFetcher(on: eventLoop)
        self.time = time
        self.wallClock = wallClock
        self.logger = logger
        var limits = InboxLimits()
        limits.messages = configuration.heldMessages
        limits.credit = configuration.credit
        limits.replyTimeout = configuration.replyTimeout
        var fetches = CertificateCacheLimits()
        fetches.fetches = configuration.certificateFetches
        let window = MessageWindow(
            capacity: configuration.rememberedMessages, span: configuration.maximumAge + configuration.clockSkew)
        state = Mutex(
            State(
                inbox: Inbox(limits, window: window), certificates: CertificateCache(fetches)))
    }

    package var statistics: SNSStatistics { state.withLock { $0.statistics } }

    /// The port that it listens on; `nil` while it does not.
    package var port: Int? {
        state.withLock { if case .running(let server, _) = $0.phase { server.port } else { nil } }
    }

    /// Requests that wait for what becomes of their messages.
    package var openRequests: Int { state.withLock { $0.exchanges.count } }

    // MARK: Life

    /// - Throws: If it cannot listen.
    package func start(topics: [String], notices: @escaping @Sendable (SourceNotice) -> Void) async throws {
        let notice = state.withLock { state -> SourceNotice? in
            guard case .new = state.phase else { return nil }
            state.phase = .starting
            state.notices = notices
            return state.inbox.subscribe(to: topics).notice
        }
        guard let notice else { return }
        var server = HTTPServerConfiguration()
        server.limits.bodyBytes = configuration.bodyBytes
        server.tls = configuration.tls
        let listening = try await HTTPServer.start(
            host: configuration.host, port: configuration.port, on: eventLoop, configuration: server,
            handler: SNSEndpoint(source: self))
        let sweep = eventLoop.scheduleRepeatedTask(initialDelay: Self.sweepInterval, delay: Self.sweepInterval) {
            [weak self] _ in self?.sweep()
        }
        let isWanted = state.withLock { state in
            guard case .starting = state.phase else { return false }
            state.phase = .running(listening, sweep: sweep)
            return true
        }
        guard isWanted else {
            sweep.cancel()
            return await listening.shutDown()
        }
        notices(.connected(to: "\(configuration.host):\(listening.port)"))
        notices(notice)
    }

    package func subscribe(to topics: [String]) async throws {
        let (answers, notice) = state.withLock { $0.inbox.subscribe(to: topics) }
        tell(notice)
        reply(answers)
    }

    package func drain() async { end { $0.inbox.drain() } }

    package func close() async {
        let server = state.withLock { state -> HTTPServer? in
            defer { state.phase = .closed }
            guard case .running(let server, let sweep) = state.phase else { return nil }
            sweep.cancel()
            return server
        }
        end { $0.inbox.close() }
        // For the replies to leave; connections that SNS keeps open without a request close at once.
        await server?.shutDown(grace: .seconds(1))
    }

    private func end(_ body: (inout State) -> [Answer]) {
        let (answers, waiters) = state.withLock { state in
            let answers = body(&state)
            defer { state.waiters = [] }
            return (answers, state.waiters)
        }
        for waiter in waiters { waiter.continuation.resume(returning: nil) }
        reply(answers)
    }

    // MARK: Events

    package func next(limit: Int) async throws -> [Event]? {
        let id = state.withLock { state in
            state.lastWaiter += 1
            return state.lastWaiter
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state -> Bool in
                    guard state.inbox.isOpen, !Task.isCancelled else { return true }
                    state.waiters.append((id, max(1, limit), continuation))
                    return false
                }
                if isOver { continuation.resume(returning: nil) } else { handOut() }
            }
        } onCancel: {
            let waiter = state.withLock { state -> CheckedContinuation<[Event]?, Never>? in
                guard let index = state.waiters.firstIndex(where: { $0.id == id }) else { return nil }
                return state.waiters.remove(at: index).continuation
            }
            waiter?.resume(returning: nil)
        }
    }

    /// Gives what there is to who waits.
    func handOut() {
        while true {
            let found = state.withLock { state -> (CheckedContinuation<[Event]?, Never>, [Event])? in
                guard let waiter = state.waiters.first else { return nil }
                let events = state.inbox.take(limit: waiter.limit)
                guard !events.isEmpty else { return nil }
                state.waiters.removeFirst()
                return (waiter.continuation, events)
            }
            guard let (continuation, events) = found else { return }
            continuation.resume(returning: events)
        }
    }

    /// On the loop, where requests come and go: what is answered here is answered to somebody who is there.
    package func acknowledge(_ batch: [Event]) async -> Acknowledgement {
        let done = eventLoop.submit { [self] in
            let (acknowledgement, answers) = state.withLock { $0.inbox.acknowledge(batch, now: time.now) }
            reply(answers)
            return acknowledgement
        }
        let none = Acknowledgement(acknowledged: [], refused: [(reason: "shutdown", events: batch.count)])
        let acknowledgement = (try? await done.get()) ?? none
        handOut()
        return acknowledgement
    }

    package func settle(_ settlements: [Settlement]) async {
        let (answers, notices) = state.withLock { $0.inbox.settle(settlements, now: time.now) }
        for notice in notices { tell(notice) }
        reply(answers)
        handOut()
    }

    package func holds(_ event: Event) -> Bool { state.withLock { $0.inbox.holds(event) } }

    /// SNS cannot be paused: beyond what may be held, requests are answered with 429.
    package func pause(_ partitions: [SourcePartition]) async {}

    package func resume(_ partitions: [SourcePartition]) async {}

    // MARK: Answers

    func tell(_ notice: SourceNotice) { state.withLock { $0.notices }?(notice) }

    func reply(_ answers: [Answer]) {
        guard !answers.isEmpty else { return }
        let replies = state.withLock { state in
            answers.compactMap { answer in
                state.exchanges.removeValue(forKey: answer.ticket).map { (exchange: $0, status: answer.status) }
            }
        }
        let send = { @Sendable in
            for reply in replies { reply.exchange.reply(HTTPServerReply(status: reply.status, text: "")) }
        }
        if eventLoop.inEventLoop { send() } else { eventLoop.execute(send) }
    }

    /// On the loop.
    private func sweep() { reply(state.withLock { $0.inbox.expire(now: time.now) }) }
}
