// HTTP/1.1 client for one server: kept-alive connections on one event loop, requests by async call.
//
// A request is never sent twice once a byte of it may have arrived, unless it merely asks (GET, HEAD). Redirects are
// not followed, no proxy is used, and nothing is read from the environment.

package import NIOCore

package struct HTTPClientConfiguration: Sendable {
    /// Connections at once. More requests than that wait, first come, first served.
    package var maximumConnections = 256
    /// Requests that may wait for a connection.
    package var maximumWaiting = 4096
    /// For resolving the name and connecting. The request's own timeout ends it earlier.
    package var connectTimeout: Duration = .seconds(10)
    /// A connection unused for so long is closed. Shorter than what servers allow (nginx 75 s, Go's gateway 60 s), so
    /// that a request rarely meets a connection that the server is just closing.
    package var idleTimeout: Duration = .seconds(30)
    package var limits = HTTPLimits()

    package init() {}
}

/// How many connections a client has open, how many of them are unused, and how many requests wait for one.
package struct HTTPClientStatus: Equatable, Sendable {
    package var open: Int
    package var idle: Int
    package var waiting: Int
}

/// A client bound to one endpoint and one event loop.
package final class HTTPClient: Sendable {
    package let endpoint: HTTPEndpoint
    package let eventLoop: any EventLoop

    private let executor: EventLoopTaskExecutor
    private let driver: NIOLoopBoundBox<ClientDriver?>

    /// - Throws: `illegalRequest` for an `https` endpoint.
    package init(
        _ endpoint: HTTPEndpoint, on eventLoop: any EventLoop,
        configuration: HTTPClientConfiguration = HTTPClientConfiguration()
    ) throws(HTTPClientError) {
        guard endpoint.scheme == .http else {
            throw HTTPClientError(
                .illegalRequest, endpoint.authority, "https is not supported yet; use http, or a proxy that adds TLS")
        }
        self.endpoint = endpoint
        self.eventLoop = eventLoop
        executor = EventLoopTaskExecutor(eventLoop)
        driver = .makeEmptyBox(eventLoop: eventLoop)
        makeDriver = { ClientDriver(endpoint: endpoint, eventLoop: eventLoop, configuration: configuration) }
    }

    private let makeDriver: @Sendable () -> ClientDriver

    /// Sends a request and waits for the whole reply.
    ///
    /// On the client's event loop this suspends once, for the reply, and hops nowhere; from elsewhere it hops to the
    /// loop and back. Cancelling the task closes the connection that the request is on.
    package func send(_ request: HTTPClientRequest) async throws(HTTPClientError) -> HTTPClientReply {
        if eventLoop.inEventLoop { return try await exchange(request).get() }
        return try await withTaskExecutorPreference(executor) { await self.hop(request) }.get()
    }

    /// Closes every connection; requests under way and later ones fail with `shutDown`. Idempotent.
    package func shutDown() async {
        await withCheckedContinuation { done in
            eventLoop.execute { self.driverOnLoop.shutDown { done.resume() } }
        }
    }

    /// What the client holds at the moment.
    package func status() async -> HTTPClientStatus {
        await withCheckedContinuation { done in
            eventLoop.execute { done.resume(returning: self.driverOnLoop.status) }
        }
    }

    @concurrent private func hop(_ request: HTTPClientRequest) async -> Result<HTTPClientReply, HTTPClientError> {
        await exchange(request)
    }

    private func exchange(_ request: HTTPClientRequest) async -> Result<HTTPClientReply, HTTPClientError> {
        let driver = driverOnLoop
        let exchange = ClientExchange(request)
        let handle = NIOLoopBound(exchange, eventLoop: eventLoop)
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                exchange.continuation = continuation
                if Task.isCancelled { driver.cancel(exchange) } else { driver.start(exchange) }
            }
        } onCancel: {
            // Runs on any thread; the turn of the loop that it waits for is after the one that started the exchange.
            eventLoop.execute { self.driverOnLoop.cancel(handle.value) }
        }
    }

    private var driverOnLoop: ClientDriver {
        driver.withValue { driver in
            if let driver { return driver }
            let made = makeDriver()
            driver = made
            return made
        }
    }
}

/// One request on its way, with whoever waits for it. Lives on the loop.
final class ClientExchange {
    let request: HTTPClientRequest
    var continuation: CheckedContinuation<Result<HTTPClientReply, HTTPClientError>, Never>?
    var deadline: NIODeadline = .distantFuture
    /// Names the exchange in the pool while it waits for a connection.
    var id: ConnectionPool.Request = 0
    var isRepetition = false
    /// The connection it is on; set and unset by the connection.
    var connection: ClientConnection?

    init(_ request: HTTPClientRequest) {
        self.request = request
    }

    func finish(_ result: Result<HTTPClientReply, HTTPClientError>) {
        continuation?.resume(returning: result)
        continuation = nil
    }
}
