// HTTP/1.1 client for one server: kept-alive connections on one event loop, requests by async call.
//
// A request is never sent twice once a byte of it may have arrived, unless it merely asks (GET, HEAD). Redirects are
// not followed, no proxy is used, and nothing is read from the environment.

package import NIOCore
import NIOSSL

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
    /// For an `https` endpoint.
    package var tls = HTTPClientTLS()

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

    private let configuration: HTTPClientConfiguration
    private let executor: EventLoopTaskExecutor
    private let driver: NIOLoopBoundBox<ClientDriver>

    /// Connects to nothing yet.
    ///
    /// - Throws: `unusableTLS` for an `https` endpoint whose certificates or keys cannot be read.
    package init(
        _ endpoint: HTTPEndpoint, on eventLoop: any EventLoop,
        configuration: HTTPClientConfiguration = HTTPClientConfiguration()
    ) throws(HTTPClientError) {
        self.endpoint = endpoint
        self.eventLoop = eventLoop
        self.configuration = configuration
        executor = EventLoopTaskExecutor(eventLoop)
        let tls = try configuration.makeTLSContext(for: endpoint)
        driver = .makeBoxSendingValue(
            ClientDriver(endpoint: endpoint, eventLoop: eventLoop, configuration: configuration, tls: tls),
            eventLoop: eventLoop)
    }

    /// Reads the files of certificates and keys again, for connections made from now on; unused ones are closed. If
    /// they cannot be used, the client stays as it is.
    @concurrent package func renewTLS() async throws(HTTPClientError) {
        guard let tls = try configuration.makeTLSContext(for: endpoint) else { return }
        eventLoop.execute { self.driver.value.use(tls) }
    }

    /// Sends a request and waits for the whole reply.
    ///
    /// On the client's event loop this suspends once, for the reply, and hops nowhere; from elsewhere it hops to the
    /// loop and back. Cancelling the task closes the connection that the request is on.
    ///
    /// - Parameter isolation: The caller's. Named, so that what waits for the reply stays in it, without two hops.
    package func send(
        _ request: HTTPClientRequest, isolation: isolated (any Actor)? = #isolation
    ) async throws(HTTPClientError) -> HTTPClientReply {
        guard eventLoop.inEventLoop else {
            return try await withTaskExecutorPreference(executor) { await self.hop(request) }.get()
        }
        let driver = driver.value
        let exchange = ClientExchange(request)
        let handle = NIOLoopBound(exchange, eventLoop: eventLoop)
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation(isolation: isolation) { continuation in
                exchange.continuation = continuation
                if Task.isCancelled { driver.cancel(exchange) } else { driver.start(exchange) }
            }
        } onCancel: {
            // Runs on any thread; the turn of the loop that it waits for is after the one that started the exchange.
            eventLoop.execute { self.driver.value.cancel(handle.value) }
        }
        return try result.get()
    }

    /// Sends a request without a task that waits for the reply. On the client's event loop only.
    ///
    /// - Parameters:
    ///   - owner: Who can cancel it, with everything else that was begun for it.
    ///   - end: Called once, on the loop, at once or later.
    package func begin(
        _ request: HTTPClientRequest, for owner: AnyObject,
        _ end: @escaping (Result<HTTPClientReply, HTTPClientError>) -> Void
    ) {
        let exchange = ClientExchange(request)
        exchange.owner = ObjectIdentifier(owner)
        exchange.onEnd = end
        driver.value.start(exchange)
    }

    /// Memory of an earlier request, to write another one into; none, if there is none or this is not the loop.
    package func spareMemory() -> ByteBuffer { eventLoop.inEventLoop ? driver.value.takeSpare() : ByteBuffer() }

    /// Ends what was begun for the owner and is under way, with `cancelled`.
    package func cancelBegun(for owner: AnyObject) {
        let owner = ObjectIdentifier(owner)
        if eventLoop.inEventLoop {
            driver.value.cancel(of: owner)
        } else {
            eventLoop.execute { self.driver.value.cancel(of: owner) }
        }
    }

    /// On the loop.
    @concurrent private func hop(_ request: HTTPClientRequest) async -> Result<HTTPClientReply, HTTPClientError> {
        do throws(HTTPClientError) { return .success(try await send(request)) } catch { return .failure(error) }
    }

    /// Closes every connection; requests under way and later ones fail with `shutDown`. Idempotent.
    package func shutDown() async {
        await withCheckedContinuation { done in
            eventLoop.execute { self.driver.value.shutDown { done.resume() } }
        }
    }

    /// What the client holds at the moment.
    package func status() async -> HTTPClientStatus {
        await withCheckedContinuation { done in
            eventLoop.execute { done.resume(returning: self.driver.value.status) }
        }
    }
}

extension HTTPClientConfiguration {
    fileprivate func makeTLSContext(for endpoint: HTTPEndpoint) throws(HTTPClientError) -> NIOSSLContext? {
        guard endpoint.scheme == .https else { return nil }
        do {
            return try tls.makeContext()
        } catch {
            throw HTTPClientError(.unusableTLS, endpoint.authority, error.description)
        }
    }
}

/// One request on its way, with whoever waits for it. Lives on the loop.
final class ClientExchange {
    var request: HTTPClientRequest
    var continuation: CheckedContinuation<Result<HTTPClientReply, HTTPClientError>, Never>?
    /// In place of a continuation.
    var onEnd: ((Result<HTTPClientReply, HTTPClientError>) -> Void)?
    var owner: ObjectIdentifier?
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
        if let onEnd = onEnd.take() {
            onEnd(result)
        } else {
            continuation?.resume(returning: result)
            continuation = nil
        }
    }
}
