// Carries out what the connection pool decides: connects, hands requests to connections, keeps the time, and resumes
// those who wait. Lives on one event loop; nothing here is touched from another thread.

import NIOCore
import NIOPosix
import NIOSSL

final class ClientDriver {
    let endpoint: HTTPEndpoint
    let eventLoop: any EventLoop
    let configuration: HTTPClientConfiguration
    private let idleTimeout: TimeAmount

    private var pool: ConnectionPool
    /// By their number in the pool.
    private var connections: [ClientConnection?] = []
    /// Those who wait for a connection, by their number in the pool.
    private var waiting: [ConnectionPool.Request: ClientExchange] = [:]
    private var lastRequest: ConnectionPool.Request = 0
    private var isShutDown = false
    private var onLastClosed: [() -> Void] = []
    private var timer: (scheduled: Scheduled<Void>, deadline: NIODeadline)?

    let unflushed: FlushGroup<ClientConnection>
    /// Of requests that have left. A few are enough, for what is written in one turn of the loop is flushed at its end.
    private var spares: [ByteBuffer] = []
    private static let mostSpares = 64

    /// Set for an `https` endpoint.
    private var tls: NIOSSLContext?

    init(
        endpoint: HTTPEndpoint, eventLoop: any EventLoop, configuration: HTTPClientConfiguration, tls: NIOSSLContext?
    ) {
        self.tls = tls
        self.endpoint = endpoint
        self.eventLoop = eventLoop
        unflushed = FlushGroup(eventLoop)
        self.configuration = configuration
        idleTimeout = TimeAmount(configuration.idleTimeout)
        pool = ConnectionPool(
            maximumConnections: configuration.maximumConnections, maximumWaiting: configuration.maximumWaiting)
    }

    var status: HTTPClientStatus {
        HTTPClientStatus(open: pool.openConnections, idle: pool.idleConnections, waiting: pool.waitingRequests)
    }

    // MARK: Memory of requests

    /// The request may still be on its way, if the socket was full: who writes here begins with `ByteBuffer.clear`,
    /// which takes other memory while anybody else holds this.
    func keepSpare(_ memory: ByteBuffer) {
        if spares.count < Self.mostSpares { spares.append(memory) }
    }

    func takeSpare() -> ByteBuffer { spares.popLast() ?? ByteBuffer() }

    // MARK: A request's way

    func start(_ exchange: ClientExchange) {
        exchange.deadline = .now() + TimeAmount(exchange.request.timeout)
        lease(exchange)
    }

    private func lease(_ exchange: ClientExchange) {
        lastRequest += 1
        exchange.id = lastRequest
        while true {
            switch pool.lease(for: exchange.id) {
            case .use(let number):
                // A connection that closed in this very turn of the loop is skipped: no byte was written to it.
                guard let connection = connections[number], connection.isActive else {
                    forget(number)
                    continue
                }
                expect(exchange.deadline)
                connection.start(exchange)
            case .wait(let connect):
                waiting[exchange.id] = exchange
                expect(exchange.deadline)
                if let connect { self.connect(connect) }
            case .refuse:
                exchange.finish(
                    .failure(HTTPClientError(isShutDown ? .shutDown : .tooManyWaiting, endpoint.authority)))
            }
            return
        }
    }

    func cancel(_ exchange: ClientExchange) {
        abort(exchange, .cancelled)
    }

    func cancel(of owner: ObjectIdentifier) {
        let begun = underWay.filter { $0.owner == owner }
        for exchange in begun.sorted(by: { $0.id < $1.id }) { abort(exchange, .cancelled) }
    }

    /// In no order.
    private var underWay: [ClientExchange] { connections.compactMap { $0?.exchange } + waiting.values }

    /// The connection has the whole reply. It goes back to the pool unless it is to be closed.
    func finished(_ exchange: ClientExchange, with reply: HTTPClientReply, on connection: ClientConnection) {
        if connection.isReusable { ready(connection) } else { connection.close() }
        exchange.finish(.success(reply))
    }

    /// The connection could not finish the exchange; it is closing.
    func failed(_ exchange: ClientExchange, _ error: HTTPClientError, on connection: ClientConnection) {
        // A kept-alive connection may be closed by the server as the request is written. A request that merely asks
        // is then asked once more; anything else may have been carried out and is never repeated.
        let mayRepeat =
            error.code == .closedBeforeReply && connection.repliesRead > 0 && exchange.request.isRepeatable
            && !exchange.isRepetition && !isShutDown
        if mayRepeat {
            exchange.isRepetition = true
            lease(exchange)
        } else {
            exchange.finish(.failure(error))
        }
    }

    private func abort(_ exchange: ClientExchange, _ code: HTTPClientError.Code) {
        if let connection = exchange.connection {
            connection.abort(code)
        } else {
            if waiting.removeValue(forKey: exchange.id) != nil { pool.abandon(exchange.id) }
            exchange.finish(.failure(HTTPClientError(code, endpoint.authority)))
        }
    }

    // MARK: A connection's life

    private func connect(_ number: ConnectionPool.Connection) {
        let driver = NIOLoopBound(self, eventLoop: eventLoop)
        ClientBootstrap(group: eventLoop)
            .connectTimeout(TimeAmount(configuration.connectTimeout))
            .channelOption(.socketOption(.so_keepalive), value: 1)
            .channelInitializer { channel in
                // Runs once for every address that is tried.
                channel.eventLoop.makeCompletedFuture {
                    try ClientConnection(number: number, driver: driver.value)
                        .addHandlers(to: channel, tls: driver.value.makeTLSHandler())
                }
            }
            .connect(host: endpoint.host, port: endpoint.port)
            .flatMapThrowing { channel in
                let pipeline = channel.pipeline.syncOperations
                return NIOLoopBound(try pipeline.handler(type: ClientConnection.self), eventLoop: channel.eventLoop)
            }
            .flatMap { connection in connection.value.secured() }
            .assumeIsolated().whenComplete { result in
                switch result {
                case .success(let connection): self.connected(connection.value)
                case .failure(let error): self.failedToConnect(number, error)
                }
            }
    }

    private func makeTLSHandler() throws -> NIOSSLClientHandler? {
        guard let tls else { return nil }
        let name = configuration.tls.serverName ?? endpoint.host
        // An address has no name to be sent; the certificate is then verified for the address itself.
        let isAddress = (try? SocketAddress(ipAddress: name, port: 0)) != nil
        return try NIOSSLClientHandler(context: tls, serverHostname: isAddress ? nil : name)
    }

    func use(_ tls: NIOSSLContext) {
        self.tls = tls
        for number in pool.expireIdle(since: .distantFuture) { connections[number]?.close() }
    }

    private func connected(_ connection: ClientConnection) {
        guard connection.isActive else { return failedToConnect(connection.number, ChannelError.eof) }
        while connections.count <= connection.number { connections.append(nil) }
        connections[connection.number] = connection
        ready(connection)
    }

    private func ready(_ connection: ClientConnection) {
        switch pool.ready(connection.number, now: .now()) {
        case .serve(let request):
            // The pool and the table agree: a request leaves both at once.
            guard let exchange = waiting.removeValue(forKey: request) else {
                preconditionFailure("request \(request) waits in the pool, but not in the driver")
            }
            connection.start(exchange)
        case .idle:
            if let since = pool.idleLongestSince { expect(since + idleTimeout) }
        case .close:
            connection.close()
        }
    }

    private func failedToConnect(_ number: ConnectionPool.Connection, _ error: any Error) {
        let (request, connect) = pool.failedToConnect(number)
        if let request {
            waiting.removeValue(forKey: request)?
                .finish(.failure(HTTPClientError(connecting: error, to: endpoint)))
        }
        if let connect { self.connect(connect) }
    }

    /// A connection has ended, by whatever side. One that never got here, or was given up already, is not known.
    func closed(_ connection: ClientConnection) {
        let number = connection.number
        guard number < connections.count, connections[number] === connection else { return }
        forget(number)
    }

    private func forget(_ number: ConnectionPool.Connection) {
        connections[number] = nil
        if let connect = pool.closed(number) { self.connect(connect) }
        reportIfLastClosed()
    }

    func shutDown(_ done: @escaping () -> Void) {
        isShutDown = true
        onLastClosed.append(done)
        for request in pool.shutDown() {
            waiting.removeValue(forKey: request)?.finish(.failure(HTTPClientError(.shutDown, endpoint.authority)))
        }
        for connection in connections { connection?.abort(.shutDown) }
        timer?.scheduled.cancel()
        timer = nil
        reportIfLastClosed()
    }

    private func reportIfLastClosed() {
        // Those that are still being made close themselves once they are, or with the loop.
        guard isShutDown, connections.allSatisfy({ $0 == nil }) else { return }
        let reports = onLastClosed
        onLastClosed = []
        for report in reports { report() }
    }

    // MARK: Time

    /// Makes sure that `tick` runs at `deadline` or earlier. One timer serves all requests: most of them have the same
    /// timeout, so the timer is moved once a timeout rather than twice a request.
    private func expect(_ deadline: NIODeadline) {
        if let timer {
            if timer.deadline <= deadline { return }
            timer.scheduled.cancel()
        }
        let scheduled = eventLoop.assumeIsolated().scheduleTask(deadline: deadline) { self.tick() }
        timer = (scheduled, deadline)
    }

    private func tick() {
        timer = nil
        let now = NIODeadline.now()
        for number in pool.expireIdle(since: now - idleTimeout) { connections[number]?.close() }

        let late = underWay.filter { $0.deadline <= now }
        for exchange in late.sorted(by: { ($0.deadline, $0.id) < ($1.deadline, $1.id) }) { abort(exchange, .timedOut) }

        if let next = underWay.map(\.deadline).min() { expect(next) }
        if let since = pool.idleLongestSince { expect(since + idleTimeout) }
    }
}

extension HTTPClientError {
    static func isTLS(_ error: any Error) -> Bool {
        error is NIOSSLError || error is BoringSSLError || error is NIOSSLExtraError
    }

    /// Sorts what NIO says about a connection that was not made.
    init(connecting error: any Error, to endpoint: HTTPEndpoint) {
        let errors: [any Error]
        if let all = error as? NIOConnectionError {
            errors = all.connectionErrors.map(\.error)
            if errors.isEmpty {
                self.init(.nameNotResolved, endpoint.authority)
                return
            }
        } else {
            errors = [error]
        }
        if let error = errors.first(where: { Self.isTLS($0) }) {
            self.init(.tlsFailed, endpoint.authority, "\(error)")
        } else if errors.contains(where: { ($0 as? IOError)?.errnoCode == ECONNREFUSED }) {
            self.init(.connectionRefused, endpoint.authority)
        } else if errors.contains(where: { if case .connectTimeout? = $0 as? ChannelError { true } else { false } }) {
            self.init(.connectFailed, endpoint.authority, "timed out")
        } else if error is ChannelPipelineError || error as? ChannelError == .eof {
            self.init(.connectFailed, endpoint.authority, "it was closed as soon as it was made")
        } else {
            self.init(.connectFailed, endpoint.authority, errors.map { "\($0)" }.joined(separator: "; "))
        }
    }
}
