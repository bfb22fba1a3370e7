// Carries out what the state decides: runs functions, keeps time, writes replies. Lives on the gateway's event loop.

import HTTP
import NIOHTTP1
import NIOCore

final class GatewayHost {
    var state: GatewayState
    var journal: RequestJournal
    var fault: (@Sendable (RecordedRequest) -> Fault?)?
    private let eventLoop: any EventLoop
    private let executor: EventLoopTaskExecutor
    private let upstreamTimeout: Duration

    init(_ configuration: FakeGateway.Configuration, eventLoop: any EventLoop) {
        state = GatewayState(configuration, now: Self.now)
        journal = RequestJournal(capacity: configuration.limits.journalEntries)
        self.eventLoop = eventLoop
        executor = EventLoopTaskExecutor(eventLoop)
        upstreamTimeout = configuration.upstreamTimeout
    }

    static var now: GatewayTime { GatewayTime(unixNanoseconds: WallClock.unixNanoseconds()) }

    // MARK: The way of a request

    func handle(_ request: HTTPServerRequest, _ exchange: HTTPServerExchange) {
        let now = Self.now
        let entry = journal.begin { number in
            let route = Route(Target(request.target).path)
            var function: String?
            if case .function(let name, _) = route { function = String(name) }
            return RecordedRequest(
                number: number, method: request.method.rawValue, target: request.target, function: function,
                fields: request.headers, arrivedNanoseconds: now.unixNanoseconds,
                buffer: request.body)
        }
        let way = Way(number: entry.number, exchange: exchange)
        switch fault?(entry) {
        case nil: answer(request, way)
        case .status(let status, let text): finish(way, HTTPServerReply(status: status, text: text))
        case .delay(let duration): after(duration) { self.answer(request, way) }
        case .dropBeforeRun: drop(way)
        case .dropAfterRun:
            var doomed = way
            doomed.isDropped = true
            answer(request, doomed)
        }
    }

    /// One request on its way to its reply.
    private struct Way {
        let number: Int
        let exchange: HTTPServerExchange
        /// The reply is thrown away.
        var isDropped = false
    }

    private func answer(_ request: HTTPServerRequest, _ way: Way) {
        switch state.handle(request, now: Self.now) {
        case .reply(let reply): finish(way, reply)
        case .invoke(let call): run(call, way)
        }
    }

    private func run(_ call: PendingCall, _ way: Way) {
        switch call.work {
        case .answered(let reply, .zero): finish(way, state.finish(call, .replied(reply)))
        case .answered(let reply, let duration):
            let outcome = duration < upstreamTimeout ? CallOutcome.replied(reply) : .timedOut
            after(min(duration, upstreamTimeout)) { self.finish(way, self.state.finish(call, outcome)) }
        case .run(let body): start(body, call, way)
        }
    }

    /// Runs a function that may wait as a task on this loop, for as long as the upstream timeout allows.
    private func start(
        _ body: @escaping @Sendable (FunctionRequest) async throws -> FunctionReply, _ call: PendingCall, _ way: Way
    ) {
        let once = Once()
        let host = NIOLoopBound(self, eventLoop: eventLoop)
        let bound = NIOLoopBound((call, way, once), eventLoop: eventLoop)
        let request = call.request
        let task = Task(executorPreference: executor) { [eventLoop] in
            let outcome: CallOutcome
            do { outcome = .replied(try await body(request)) } catch { outcome = .failed("\(error)") }
            eventLoop.execute {
                let (call, way, once) = bound.value
                if once.take() { host.value.finish(way, host.value.state.finish(call, outcome)) }
            }
        }
        let timer = after(upstreamTimeout) {
            guard once.take() else { return }
            task.cancel()
            self.finish(way, self.state.finish(call, .timedOut))
        }
        once.timer = timer
    }

    private func finish(_ way: Way, _ reply: HTTPServerReply) {
        guard !way.isDropped else { return drop(way) }
        journal.end(way.number, status: reply.status, at: Self.now.unixNanoseconds)
        way.exchange.reply(reply)
    }

    private func drop(_ way: Way) {
        journal.end(way.number, status: nil, at: Self.now.unixNanoseconds)
        way.exchange.abort(.close)
    }

    @discardableResult
    private func after(_ duration: Duration, _ action: @escaping () -> Void) -> Scheduled<Void> {
        eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(duration), action)
    }

    /// Lets one of two that race win.
    private final class Once {
        var timer: Scheduled<Void>?
        private var isTaken = false

        func take() -> Bool {
            timer?.cancel()
            defer { isTaken = true }
            return !isTaken
        }
    }
}

/// Hands the server's requests to the host.
struct GatewayHandler: HTTPServerHandler {
    let host: NIOLoopBound<GatewayHost>

    func handle(_ request: HTTPServerRequest, _ exchange: HTTPServerExchange) {
        host.value.handle(request, exchange)
    }
}
