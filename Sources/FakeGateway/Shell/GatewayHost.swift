// Carries out what the state decides: runs functions, keeps time, writes replies. Lives on the gateway's event loop.

import HTTP
import NIOCore
import NIOHTTP1

final class GatewayHost {
    var state: GatewayState
    private let eventLoop: any EventLoop
    private let executor: EventLoopTaskExecutor
    private var clock: GatewayClock
    private var exchanges: [Int: HTTPServerExchange] = [:]
    /// The one whose request is being handled: it is mostly answered within that, and never enters the table.
    private var current: (number: Int, exchange: HTTPServerExchange)?
    private var tasks: [CallID: Task<Void, Never>] = [:]
    private var timer: (deadline: GatewayTime, scheduled: Scheduled<Void>)?
    private var isPerforming = false

    init(_ configuration: FakeGateway.Configuration, eventLoop: any EventLoop) {
        clock = GatewayClock(configuration.time)
        state = GatewayState(configuration, now: clock.now)
        self.eventLoop = eventLoop
        executor = EventLoopTaskExecutor(eventLoop)
    }

    // MARK: Events

    func handle(_ request: HTTPServerRequest, _ exchange: HTTPServerExchange) {
        let number = state.receive(request, from: exchange.remoteAddress, now: clock.now)
        if isPerforming { return keep(exchange, number) }
        current = (number, exchange)
        perform()
        guard let current, current.number == number else { return }
        self.current = nil
        keep(exchange, number)
    }

    private func keep(_ exchange: HTTPServerExchange, _ number: Int) {
        exchanges[number] = exchange
        let host = NIOLoopBound(self, eventLoop: eventLoop)
        exchange.whenAbandoned {
            host.value.exchanges[number] = nil
            host.value.state.closed(number)
        }
    }

    func handleOnMetricsPort(_ request: HTTPServerRequest, _ exchange: HTTPServerExchange) {
        exchange.reply(state.receiveOnMetricsPort(request, now: clock.now))
        perform()
    }

    /// Changes the state between two events.
    func change<Result>(_ body: (inout GatewayState) throws -> Result) rethrows -> Result {
        state.advance(to: clock.now)
        defer { perform() }
        return try body(&state)
    }

    /// Virtual time only: it passes, and what is due happens.
    func advance(by duration: Duration) {
        clock.advance(by: duration)
        state.advance(to: clock.now)
        perform()
    }

    func stop() {
        timer?.scheduled.cancel()
        for task in tasks.values { task.cancel() }
    }

    // MARK: Effects

    private func perform() {
        // An effect may bring the next request of a connection in, within this call.
        guard !isPerforming else { return }
        isPerforming = true
        while let effect = state.nextEffect() { perform(effect) }
        isPerforming = false
        schedule()
    }

    private func perform(_ effect: GatewayEffect) {
        switch effect {
        case .reply(let number, let reply): takeExchange(number)?.reply(reply)
        case .begin(let number, let status, let headers, let length):
            exchange(number)?.begin(status: status, length: length) { writer in
                for (name, value) in headers { writer.add(name, value) }
            }
        case .send(let number, let bytes): exchange(number)?.send(bytes)
        case .end(let number): takeExchange(number)?.end()
        case .abort(let number, let how): takeExchange(number)?.abort(how)
        case .run(let id, let request, let body): run(id, request, body)
        case .cancel(let id): tasks.removeValue(forKey: id)?.cancel()
        case .post(let callback): post(callback)
        }
    }

    private func exchange(_ number: Int) -> HTTPServerExchange? {
        if let current, current.number == number { current.exchange } else { exchanges[number] }
    }

    private func takeExchange(_ number: Int) -> HTTPServerExchange? {
        guard let current, current.number == number else { return exchanges.removeValue(forKey: number) }
        self.current = nil
        return current.exchange
    }

    /// Runs a function that may wait as a task on this loop.
    private func run(
        _ id: CallID, _ request: FunctionRequest,
        _ body: @escaping @Sendable (FunctionRequest) async throws -> FunctionReply
    ) {
        let host = NIOLoopBound(self, eventLoop: eventLoop)
        tasks[id] = Task(executorPreference: executor) { [eventLoop] in
            let outcome: CallOutcome
            do { outcome = .replied(try await body(request)) } catch { outcome = .failed("\(error)") }
            eventLoop.execute {
                let host = host.value
                host.tasks[id] = nil
                host.state.finish(id, outcome, now: host.clock.now)
                host.perform()
            }
        }
    }

    private func post(_ callback: CallbackRequest) {
        let host = NIOLoopBound(self, eventLoop: eventLoop)
        // Ends by itself: the client has a timeout, and a loop that is gone runs nothing.
        Task(executorPreference: executor) { [eventLoop] in
            let status = await CallbackClient.post(callback, on: eventLoop)
            eventLoop.execute {
                host.value.state.callbackEnded(callback.number, status: status)
                host.value.perform()
            }
        }
    }

    // MARK: Time

    /// Sees to it that the loop comes back when something is due.
    private func schedule() {
        guard let deadline = state.nextDeadline else { return }
        if let timer, timer.deadline <= deadline { return }
        guard let wait = clock.wait(until: deadline) else { return }
        timer?.scheduled.cancel()
        let scheduled = eventLoop.assumeIsolated().scheduleTask(in: wait) {
            self.timer = nil
            self.state.advance(to: self.clock.now)
            self.perform()
        }
        timer = (deadline, scheduled)
    }
}

/// The gateway's time: the machine's, which never goes back here, or one that passes when it is told to.
struct GatewayClock {
    private let isVirtual: Bool
    private let start: GatewayTime
    private let startedAt = NIODeadline.now()
    private var elapsed = Duration.zero

    init(_ time: FakeGateway.Configuration.Time) {
        let wall = GatewayTime(unixNanoseconds: WallClock.unixNanoseconds())
        switch time {
        case .real: (isVirtual, start) = (false, wall)
        case .virtual(let given): (isVirtual, start) = (true, given.map(GatewayTime.init(unixNanoseconds:)) ?? wall)
        }
    }

    var now: GatewayTime {
        isVirtual
            ? start.advanced(by: elapsed)
            : start.advanced(byNanoseconds: (NIODeadline.now() - startedAt).nanoseconds)
    }

    mutating func advance(by duration: Duration) { if isVirtual { elapsed += max(.zero, duration) } }

    /// `nil`: nothing comes by waiting.
    func wait(until deadline: GatewayTime) -> TimeAmount? {
        guard !isVirtual else { return nil }
        return TimeAmount(max(.zero, min(deadline.duration(since: now), .seconds(31_536_000))))
    }
}

/// Hands the servers' requests to the host.
struct GatewayHandler: HTTPServerHandler {
    let host: NIOLoopBound<GatewayHost>
    var isForMetrics = false

    func handle(_ request: HTTPServerRequest, _ exchange: HTTPServerExchange) {
        if isForMetrics {
            host.value.handleOnMetricsPort(request, exchange)
        } else {
            host.value.handle(request, exchange)
        }
    }
}
