// The connector's gateway over HTTP: lists functions and calls them.
//
// It turns seams into requests and replies into seams, and decides nothing else: no retries, no redirects, no cache.
// Source: docs/openfaas.md, and the gateway's own routes.

package import Connector
package import HTTP
package import NIOCore
import NIOHTTP1

/// An OpenFaaS gateway reached by HTTP/1.1 on one event loop.
package final class OpenFaaSGateway: Gateway {
    private let configuration: OpenFaaSGatewayConfiguration
    private let client: HTTPClient
    private let queue: CallQueue
    /// Where requests run.
    package var eventLoop: any EventLoop { client.eventLoop }

    /// More connections than calls may use, so that no listing waits for a slow function.
    private static let connectionsForListings = 2

    /// - Parameter eventLoop: Where requests run; give the connector the same loop as its task executor.
    /// - Throws: For an endpoint that this client cannot reach by principle.
    package init(
        _ configuration: OpenFaaSGatewayConfiguration, on eventLoop: any EventLoop
    ) throws(HTTPClientError) {
        self.configuration = configuration
        var settings = HTTPClientConfiguration()
        settings.maximumConnections = configuration.maximumConnections + Self.connectionsForListings
        settings.tls = configuration.tls
        client = try HTTPClient(configuration.endpoint, on: eventLoop, configuration: settings)
        queue = CallQueue(places: configuration.maximumConnections)
    }

    /// Reads the files of certificates and keys again, for connections from now on.
    /// - Throws: If they cannot be used; then the old ones stay.
    package func renewTLS() async throws { try await client.renewTLS() }

    /// Closes every connection; calls under way fail.
    package func shutDown() async { await client.shutDown() }

    // MARK: Listing

    package func namespaces() async throws -> [String] {
        let path = "/system/namespaces"
        let reply = try await ask(path)
        // A provider without namespaces has no such route.
        if reply.status == 404 { return [] }
        return try Listing.namespaces(try whole(reply, of: path), from: url(path))
    }

    package func functions(in namespace: String?) async throws -> [FunctionDescription] {
        var path = "/system/functions"
        if let namespace { path += "?namespace=\(PathComponent.encoded(namespace))" }
        let body = try whole(try await ask(path), of: path)
        return try Listing.functions(body, namespace: namespace, from: url(path))
    }

    private func ask(_ path: String) async throws -> HTTPClientReply {
        var builder = try HTTPRequestBuilder(.GET, path, to: configuration.endpoint)
        if let credentials = try configuration.credentials?.read() {
            try builder.addHeader("Authorization", credentials.authorization)
        }
        let request = builder.finish(
            timeout: configuration.listingTimeout, replyBody: .whole(limit: configuration.listingBytes))
        return try await client.send(request)
    }

    private func whole(_ reply: HTTPClientReply, of path: String) throws -> ByteBuffer {
        guard reply.status == 200 else {
            throw ListingError(
                url: url(path), status: reply.status, body: reply.body,
                hasCredentials: configuration.credentials != nil)
        }
        return reply.body
    }

    private func url(_ path: String) -> String { "\(configuration.endpoint)\(path)" }

    // MARK: Invoking

    /// A task that is cancelled while it waits for a connection ends once it would have had one.
    package func invoke(_ invocation: Invocation) async throws(InvocationFailure) -> Reply {
        await queue.enter()
        defer { leaveQueue() }
        guard !Task.isCancelled else { throw .cancelledInQueue }
        do throws(HTTPClientError) {
            let reply = try await client.send(try request(for: invocation))
            return Reply(
                reply, keepsBody: invocation.replyBodyLimit > 0, keepsCallID: configuration.keepsCallIDs)
        } catch {
            throw InvocationFailure(error)
        }
    }

    /// On the gateway's event loop.
    package func begin(_ invocation: Invocation, as call: Int, endingIn inbox: CallInbox) -> Bool {
        guard client.eventLoop.inEventLoop else { return false }
        if queue.enter(.begun(invocation, call: call, inbox: inbox)) { make(invocation, as: call, endingIn: inbox) }
        return true
    }

    /// In a place of the queue.
    private func make(_ invocation: Invocation, as call: Int, endingIn inbox: CallInbox) {
        do throws(HTTPClientError) {
            let keepsBody = invocation.replyBodyLimit > 0
            client.begin(try request(for: invocation), for: inbox) { [keepsCallIDs = configuration.keepsCallIDs] end in
                switch end {
                case .success(let reply):
                    inbox.end(call, .success(Reply(reply, keepsBody: keepsBody, keepsCallID: keepsCallIDs)))
                case .failure(let error): inbox.end(call, .failure(InvocationFailure(error)))
                }
                self.leaveQueue()
            }
        } catch {
            inbox.end(call, .failure(InvocationFailure(error)))
            leaveQueue()
        }
    }

    private func leaveQueue() {
        guard queue.leave() else { return }
        // In a turn of its own: a gateway that refuses each at once would else end them all on one stack. Until then
        // the next one waits in the queue, where cancelling finds it.
        client.eventLoop.execute {
            switch self.queue.next() {
            case nil: break
            case .task(let continuation): continuation.resume()
            case .begun(let invocation, let call, let inbox): self.make(invocation, as: call, endingIn: inbox)
            }
        }
    }

    package func cancelCalls(endingIn inbox: CallInbox) {
        for call in queue.removeCalls(endingIn: inbox) { inbox.end(call, .failure(.cancelledInQueue)) }
        client.cancelBegun(for: inbox)
    }

    package func route(to function: FunctionName, mode: InvocationMode, headers: [EventAttribute]) -> CallRoute {
        // Why it cannot be written is told by each call.
        let start = try? start(function, mode, headers)
        return CallRoute(to: function, mode: mode, headers: headers, prepared: start)
    }

    private func start(
        _ function: FunctionName, _ mode: InvocationMode, _ headers: [EventAttribute]
    ) throws(HTTPClientError) -> HTTPRequestStart {
        let path = mode == .synchronous ? "/function/" : "/async-function/"
        var builder = try HTTPRequestBuilder(
            .POST, "\(path)\(PathComponent.encoded(function.description))", to: configuration.endpoint)
        for header in headers { try builder.addHeader(header.name, header.value) }
        return builder.start()
    }

    private func request(for invocation: Invocation) throws(HTTPClientError) -> HTTPClientRequest {
        let route = invocation.route
        let start =
            if let prepared = route.prepared as? HTTPRequestStart { prepared } else {
                try start(route.function, route.mode, route.headers)
            }
        let (headers, body) = (invocation.eventHeaders, invocation.body)
        // What most headers take.
        let room = 64 * headers.count + HTTPRequestBuilder.bytes(ofBody: body.count)
        var builder = HTTPRequestBuilder(start, room: room, in: client.spareMemory())
        // By their places: an element that is taken out is copied first.
        for index in headers.indices { try builder.addHeader(headers[index].name, headers[index].value) }
        var writer = Optional(builder)
        var request: HTTPClientRequest?
        body.withSpan { span in
            request = writer.take()?.finish(
                body: span, timeout: configuration.upstreamTimeout, replyBody: .keepFirst(invocation.replyBodyLimit))
        }
        guard let request else {
            throw HTTPClientError(.illegalRequest, configuration.endpoint.authority, "the event's bytes are gone")
        }
        return request
    }
}

extension HTTPRequestStart: PreparedRoute {}

extension Reply {
    fileprivate init(_ reply: HTTPClientReply, keepsBody: Bool, keepsCallID: Bool) {
        self.init(
            status: reply.status,
            origin: Origin(
                status: reply.status, isMarked: reply.headers.contains(name: "x-openfaas-internal"),
                bodyBytes: reply.bodyBytes),
            headers: keepsBody ? reply.headers.map { EventAttribute(name: $0.name, value: $0.value) } : [],
            body: keepsBody ? Bytes(Array(reply.body.readableBytesView)) : Bytes([]),
            bodyBytes: reply.bodyBytes,
            retryAfter: RetryAfter.duration(in: reply.headers),
            callID: keepsCallID ? reply.headers.first(name: "x-call-id") : nil)
    }
}

extension Reply.Origin {
    /// - Parameter isMarked: `X-OpenFaaS-Internal`, which the provider sets on errors that it made itself, functions
    ///   never. The gateway does not: where it reaches no provider, or waited too long for one, its 502 is empty.
    package init(status: Int, isMarked: Bool, bodyBytes: Int) {
        self = isMarked || (status == 502 && bodyBytes == 0) ? .platform : .function
    }
}

extension InvocationFailure {
    fileprivate static var cancelledInQueue: InvocationFailure {
        InvocationFailure(.cancelled, "cancelled while the call waited for a connection")
    }

    fileprivate init(_ error: HTTPClientError) {
        let kind: Kind =
            switch error.code {
            case .illegalRequest, .nameNotResolved, .connectionRefused, .connectFailed, .unusableTLS, .tooManyWaiting,
                .shutDown:
                .notSent
            // With TLS 1.3 a server may refuse the client's certificate after the first request was sent.
            case .tlsFailed: error.requestMayHaveArrived ? .connectionLost : .notSent
            case .timedOut: .timedOut
            case .closedBeforeReply, .closedDuringReply: .connectionLost
            case .malformedReply, .replyTooLarge: .badReply
            case .cancelled: .cancelled
            }
        self.init(kind, error.description)
    }
}
