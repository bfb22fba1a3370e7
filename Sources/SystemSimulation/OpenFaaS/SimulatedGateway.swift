// The connector's gateway over a simulated network: what `OpenFaaSGateway` asks by HTTP, asked by streams.

import Connector
import HTTP
import NIOCore
import NIOHTTP1
import OpenFaaSGateway
import Simulation

// Sendable without a lock, for only jobs and events of one executor touch it, and that is one thread.
final class SimulatedGateway: Gateway, @unchecked Sendable {
    private let host: SimulatedGatewayHost
    private let node: NodeID
    private let clock: SkewedClock
    private let upstreamTimeout: Duration
    private let trace: ReplicaTrace
    /// In no order; each knows its place.
    private var exchanges: [Exchange] = []
    private var exchangesBegun = 0
    private var isDead = false

    init(
        _ host: SimulatedGatewayHost, node: NodeID, clock: SkewedClock, upstreamTimeout: Duration, trace: ReplicaTrace
    ) {
        self.host = host
        self.node = node
        self.clock = clock
        self.upstreamTimeout = upstreamTimeout
        self.trace = trace
    }

    /// The process is gone.
    func die() {
        isDead = true
        for exchange in exchanges.sorted(by: { $0.number < $1.number }) {
            exchange.finish(.failure(InvocationFailure(.cancelled, "the process is gone")))
        }
    }

    // MARK: Listing

    func namespaces() async throws -> [String] {
        let reply = try await ask("/system/namespaces")
        if reply.status == 404 { return [] }
        guard reply.status == 200 else { throw InvocationFailure(.badReply, "status \(reply.status)") }
        return try host.reader.namespaces(reply.body)
    }

    func functions(in namespace: String?) async throws -> [FunctionDescription] {
        let target = "/system/functions" + (namespace.map { "?namespace=\($0)" } ?? "")
        let reply = try await ask(target)
        guard reply.status == 200 else { throw InvocationFailure(.badReply, "status \(reply.status)") }
        return try host.reader.functions(reply.body, from: target)
    }

    private func ask(_ target: String) async throws(InvocationFailure) -> HTTPServerReply {
        let request = HTTPServerRequest(method: .GET, target: target, headers: HTTPHeaders(), body: ByteBuffer())
        return try await send(request, timeout: .seconds(10)) {}
    }

    // MARK: Invoking

    func invoke(_ invocation: Invocation) async throws(InvocationFailure) -> Reply {
        try await send(request(for: invocation), timeout: upstreamTimeout, arrived: arrival(of: invocation)).reply
    }

    func begin(_ invocation: Invocation, as call: Int, endingIn inbox: CallInbox) -> Bool {
        guard !isDead else {
            inbox.end(call, .failure(InvocationFailure(.cancelled, "the process is gone")))
            return true
        }
        send(request(for: invocation), timeout: upstreamTimeout, for: inbox, arrived: arrival(of: invocation)) {
            inbox.end(call, $0.map(\.reply))
        }
        return true
    }

    func cancelCalls(endingIn inbox: CallInbox) {
        let begun = exchanges.filter { $0.inbox === inbox }
        for exchange in begun.sorted(by: { $0.number < $1.number }) { exchange.cancel() }
    }

    private func request(for invocation: Invocation) -> HTTPServerRequest {
        HTTPServerRequest(
            method: .POST, target: "/function/\(invocation.function.name)",
            headers: HTTPHeaders(invocation.headers.map { ($0.name, $0.value) }),
            body: ByteBuffer(bytes: invocation.body.array))
    }

    private func arrival(of invocation: Invocation) -> @Sendable () -> Void {
        { [trace] in trace.arrived(invocation.function, invocation.event) }
    }

    // MARK: Exchanges

    private func send(
        _ request: HTTPServerRequest, timeout: Duration, arrived: @escaping @Sendable () -> Void
    ) async throws(InvocationFailure) -> HTTPServerReply {
        guard !isDead, !Task.isCancelled else { throw InvocationFailure(.cancelled, "cancelled before it was sent") }
        let place = Confined<Exchange?>(nil)
        let outcome = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                place.value = send(request, timeout: timeout, arrived: arrived) { continuation.resume(returning: $0) }
            }
        } onCancel: {
            place.value?.cancel()
        }
        return try outcome.get()
    }

    /// - Parameter end: Called once, at once or later.
    @discardableResult
    private func send(
        _ request: HTTPServerRequest, timeout: Duration, for inbox: CallInbox? = nil,
        arrived: @escaping @Sendable () -> Void, _ end: @escaping (Exchange.Outcome) -> Void
    ) -> Exchange {
        exchangesBegun += 1
        let exchange = Exchange(number: exchangesBegun, for: inbox, executor: host.executor) {
            [self] exchange, outcome in
            remove(exchange)
            end(outcome)
        }
        exchange.place = exchanges.count
        exchanges.append(exchange)
        exchange.expire(after: clock.trueDuration(of: timeout), timeout)
        start(exchange, request, arrived)
        return exchange
    }

    /// The last one takes its place.
    private func remove(_ exchange: Exchange) {
        guard let last = exchanges.popLast(), last !== exchange else { return }
        exchanges[exchange.place] = last
        last.place = exchange.place
    }

    private func start(_ exchange: Exchange, _ request: HTTPServerRequest, _ arrived: @escaping @Sendable () -> Void) {
        let network = host.network
        guard network.isUp(host.node) else {
            return exchange.finish(.failure(InvocationFailure(.notSent, "connection refused")))
        }
        let stream = SimulatedStream(network, from: node, to: host.node)
        exchange.stream = stream
        stream.onClose(at: node) {
            exchange.finish(.failure(InvocationFailure(.connectionLost, "the connection ended")))
        }
        stream.send(from: node) { [host] in
            arrived()
            host.receive(request) { reply in
                guard let reply else { return stream.close(at: host.node) }
                stream.send(from: host.node) { exchange.finish(.success(reply)) }
            }
        }
    }
}

/// One request and its end.
// Sendable without a lock, for only jobs and events of one executor touch it, and that is one thread.
private final class Exchange: @unchecked Sendable {
    typealias Outcome = Result<HTTPServerReply, InvocationFailure>

    /// Grows with each of a process.
    let number: Int
    /// Among those of the process.
    var place = 0
    /// Who began it, if no task waits for it.
    let inbox: CallInbox?
    private let executor: SeededExecutor
    private var onEnd: ((Exchange, Outcome) -> Void)?
    private var timer: SeededExecutor.ScheduledEvent?
    var stream: SimulatedStream?

    init(
        number: Int, for inbox: CallInbox?, executor: SeededExecutor, onEnd: @escaping (Exchange, Outcome) -> Void
    ) {
        self.number = number
        self.inbox = inbox
        self.executor = executor
        self.onEnd = onEnd
    }

    /// - Parameters:
    ///   - wait: In true time.
    ///   - timeout: The same by the process's clock.
    func expire(after wait: Duration, _ timeout: Duration) {
        timer = executor.schedule(after: wait) { [self] in
            finish(.failure(InvocationFailure(.timedOut, "no reply within \(timeout)")))
        }
    }

    func cancel() { finish(.failure(InvocationFailure(.cancelled, "cancelled"))) }

    /// The first end counts.
    func finish(_ outcome: Outcome) {
        guard let onEnd = onEnd.take() else { return }
        if let timer { executor.cancel(timer) }
        if let stream = stream.take() {
            // With the reply the request is over at both ends; anything else the gateway has to hear of.
            switch outcome {
            case .success: stream.finish()
            case .failure: stream.close(at: stream.client)
            }
        }
        onEnd(self, outcome)
    }
}

extension HTTPServerReply {
    /// As the connector's own gateway reads it.
    fileprivate var reply: Reply {
        let isMarked = headers.contains { $0.name == "X-OpenFaaS-Internal" }
        let bytes = body.readableBytes
        return Reply(
            status: status, origin: Reply.Origin(status: status, isMarked: isMarked, bodyBytes: bytes),
            bodyBytes: bytes)
    }
}
