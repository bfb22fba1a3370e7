// HTTP/1.1 server on one event loop: listens, keeps count of its connections, watches their time, and stops.
//
// The way of a request: MessageParser makes parts of the bytes, RequestAssembler puts them together and judges them,
// ServerConnection keeps the order, the handler answers through HTTPServerExchange, ReplyWriter writes the head.

package import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

package struct HTTPServerConfiguration: Sendable {
    package var limits = HTTPLimits()
    /// From the first byte of a request's head to its last. Reached: 408.
    package var headTimeout: Duration = .seconds(10)
    /// From the end of the head to the end of the body. Reached: 408.
    package var bodyTimeout: Duration = .seconds(60)
    /// How long a connection may stay unused. Reached: closed.
    package var idleTimeout: Duration = .seconds(75)
    /// How long a client may refuse to take more of its reply. Reached: closed.
    package var stallTimeout: Duration = .seconds(30)
    /// How long what a client still sends after a refusal is read and dropped, so that it gets to read the refusal.
    package var lingerTimeout: Duration = .seconds(2)

    /// `nil` for plain HTTP.
    package var tls: HTTPServerTLS?

    package init() {}

    /// Timeouts are looked at this often.
    var sweepInterval: TimeAmount {
        let shortest = [headTimeout, bodyTimeout, idleTimeout, stallTimeout, lingerTimeout].min() ?? .seconds(1)
        return TimeAmount(max(.milliseconds(5), min(.seconds(1), shortest / 4)))
    }
}

/// Why a server does not listen.
package struct HTTPServerError: Error, Sendable, CustomStringConvertible {
    package let description: String
}

/// A listening server.
package final class HTTPServer: Sendable {
    package let eventLoop: any EventLoop
    /// The port that it listens on; the one that the system chose if 0 was asked for.
    package let port: Int

    private let listener: any Channel
    private let state: NIOLoopBound<ServerState>

    private init(listener: any Channel, port: Int, state: NIOLoopBound<ServerState>) {
        eventLoop = listener.eventLoop
        self.listener = listener
        self.port = port
        self.state = state
    }

    /// Begins to listen.
    ///
    /// - Parameters:
    ///   - host: A name or an address of this machine.
    ///   - port: 0 lets the system choose.
    package static func start(
        host: String, port: Int, on eventLoop: any EventLoop,
        configuration: HTTPServerConfiguration = HTTPServerConfiguration(), handler: any HTTPServerHandler
    ) async throws(HTTPServerError) -> HTTPServer {
        do {
            let tls = try configuration.tls?.makeContext()
            let state = try await eventLoop.submit {
                NIOLoopBound(
                    ServerState(eventLoop: eventLoop, configuration: configuration, handler: handler, tls: tls),
                    eventLoop: eventLoop)
            }.get()
            let listener = try await ServerBootstrap(group: eventLoop)
                .serverChannelOption(.backlog, value: 4096)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                // Many clients that connect at once are accepted in one turn of the loop.
                .serverChannelOption(.maxMessagesPerRead, value: 64)
                .childChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try ServerConnection(state.value).addHandlers(to: channel)
                    }
                }
                .bind(host: host, port: port).get()
            return HTTPServer(listener: listener, port: listener.localAddress?.port ?? port, state: state)
        } catch {
            let reason = (error as? IOError).map { unsafe String(cString: strerror($0.errnoCode)) } ?? "\(error)"
            throw HTTPServerError(description: "cannot listen on \(host):\(port): \(reason)")
        }
    }

    /// Stops listening, lets the requests under way finish within `grace`, then closes every connection. Idempotent.
    package func shutDown(grace: Duration = .zero) async {
        // Closing twice fails, and means the same.
        try? await listener.close().get()
        await withCheckedContinuation { done in
            eventLoop.execute { self.state.value.shutDown(grace: TimeAmount(grace)) { done.resume() } }
        }
    }

    /// How many connections are open.
    package func openConnections() async -> Int {
        await withCheckedContinuation { done in
            eventLoop.execute { done.resume(returning: self.state.value.openConnections) }
        }
    }
}

/// What the connections of one server share. Lives on the loop.
final class ServerState {
    let eventLoop: any EventLoop
    let configuration: HTTPServerConfiguration
    let handler: any HTTPServerHandler
    let tls: NIOSSLContext?
    var writer = ReplyWriter()

    /// No new request is taken; each connection closes after the reply that it owes.
    private(set) var isShuttingDown = false
    private var connections: [ObjectIdentifier: ServerConnection] = [:]
    private var sweep: Scheduled<Void>?
    private var onLastClosed: [() -> Void] = []
    let unflushed: FlushGroup<ServerConnection>

    init(
        eventLoop: any EventLoop, configuration: HTTPServerConfiguration, handler: any HTTPServerHandler,
        tls: NIOSSLContext?
    ) {
        self.tls = tls
        self.eventLoop = eventLoop
        unflushed = FlushGroup(eventLoop)
        self.configuration = configuration
        self.handler = handler
    }

    var openConnections: Int { connections.count }

    /// Takes a connection in, unless there are too many already.
    func admit(_ connection: ServerConnection) -> Bool {
        guard !isShuttingDown, connections.count < configuration.limits.serverConnections else { return false }
        connections[ObjectIdentifier(connection)] = connection
        if sweep == nil { sweepLater() }
        return true
    }

    /// One timer watches all connections, so that a request costs none.
    private func sweepLater() {
        sweep = eventLoop.assumeIsolated().scheduleTask(in: configuration.sweepInterval) {
            let now = NIODeadline.now()
            for connection in self.connections.values { connection.checkTime(now) }
            if self.sweep != nil { self.sweepLater() }
        }
    }

    func closed(_ connection: ServerConnection) {
        connections[ObjectIdentifier(connection)] = nil
        if connections.isEmpty {
            sweep?.cancel()
            sweep = nil
            reportIfLastClosed()
        }
    }

    func shutDown(grace: TimeAmount, _ done: @escaping () -> Void) {
        isShuttingDown = true
        onLastClosed.append(done)
        for connection in connections.values { connection.finishUp() }
        reportIfLastClosed()
        eventLoop.assumeIsolated().scheduleTask(in: grace) {
            for connection in self.connections.values { connection.close() }
        }
    }

    private func reportIfLastClosed() {
        guard isShuttingDown, connections.isEmpty else { return }
        let reports = onLastClosed
        onLastClosed = []
        for report in reports { report() }
    }
}
