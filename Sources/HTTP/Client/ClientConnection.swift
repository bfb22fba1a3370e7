// One connection of the client: writes a request, puts the reply together, tells the driver. One exchange at a time.

import NIOCore
import NIOHTTP1
import NIOSSL
import NIOTLS

final class ClientConnection: ChannelInboundHandler, Flushable {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    let number: ConnectionPool.Connection
    private let driver: ClientDriver
    private var context: ChannelHandlerContext?
    private var assembler = ReplyAssembler(.keepFirst(0))
    /// Whether the request, or a part of it, has yet to leave for the socket.
    private var isWriting = false
    private let encoder = EncodedRequestHandler()

    /// While TLS is being agreed upon.
    private var handshake: EventLoopPromise<Void>?

    private(set) var exchange: ClientExchange?
    private(set) var repliesRead = 0
    private(set) var isReusable = false

    init(number: ConnectionPool.Connection, driver: ClientDriver) {
        self.number = number
        self.driver = driver
    }

    func addHandlers(to channel: any Channel, tls: NIOSSLClientHandler?) throws {
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderFieldSize = driver.configuration.limits.headerFieldBytes
        limits.maxHeaderListSize = driver.configuration.limits.headerBytes
        limits.maxHeaderFieldCount = driver.configuration.limits.headerFields
        let pipeline = channel.pipeline.syncOperations
        if let tls {
            try pipeline.addHandler(tls)
            handshake = channel.eventLoop.makePromise()
        }
        try pipeline.addHandler(encoder)
        try pipeline.addHandler(ByteToMessageHandler(HTTPResponseDecoder(limitConfiguration: limits)))
        try pipeline.addHandler(self)
    }

    /// This connection, once it can carry requests: at once, or when TLS has been agreed upon.
    func secured() -> EventLoopFuture<NIOLoopBound<ClientConnection>> {
        let this = NIOLoopBound(self, eventLoop: driver.eventLoop)
        guard let handshake else { return driver.eventLoop.makeSucceededFuture(this) }
        let limit = TimeAmount(driver.configuration.connectTimeout)
        let late = driver.eventLoop.assumeIsolated().scheduleTask(in: limit) {
            self.endHandshake(.failure(ChannelError.connectTimeout(limit)))
            self.close()
        }
        handshake.futureResult.whenComplete { _ in late.cancel() }
        return handshake.futureResult.map { this }
    }

    private func endHandshake(_ result: Result<Void, any Error>) {
        handshake?.completeWith(result)
        handshake = nil
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted? = event as? TLSUserEvent { endHandshake(.success(())) }
        context.fireUserInboundEventTriggered(event)
    }

    var isActive: Bool { context?.channel.isActive ?? false }

    // MARK: Sending

    func start(_ exchange: ClientExchange) {
        guard let context else { preconditionFailure("a request on a connection that is not in its pipeline") }
        exchange.connection = self
        self.exchange = exchange
        assembler = ReplyAssembler(exchange.request.replyBody)
        isReusable = false

        let bytes = exchange.request.bytes
        var written: EventLoopPromise<Void>?
        if bytes.readableBytes > Self.surelyFits {
            isWriting = true
            let promise = context.eventLoop.makePromise(of: Void.self)
            promise.futureResult.assumeIsolated().whenComplete { _ in self.isWriting = false }
            written = promise
        }
        // The decoder has to know the method; behind it, `EncodedRequestHandler` has the bytes.
        encoder.request = bytes
        context.write(wrapOutboundOut(.head(Self.head(exchange.request.method))), promise: written)
        driver.unflushed.add(self)
    }

    func flush() { context?.flush() }

    /// What an empty socket buffer takes at once on every system that this runs on.
    private static let surelyFits = 8 * 1024

    private static func head(_ method: HTTPMethod) -> HTTPRequestHead {
        method == .POST ? post : HTTPRequestHead(version: .http1_1, method: method, uri: "")
    }

    private static let post = HTTPRequestHead(version: .http1_1, method: .POST, uri: "")

    // MARK: Receiving

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard exchange != nil else { return }
        switch unwrapInboundIn(data) {
        case .head(let head):
            if head.status == .switchingProtocols {
                fail(.malformedReply, "it switched protocols without being asked")
            } else {
                assembler.receive(head)
            }
        case .body(let bytes):
            if assembler.receive(bytes) == .tooLarge { fail(.replyTooLarge) }
        case .end:
            guard let reply = assembler.finished(), let exchange = release() else { return }
            // A server that replied before it read the whole request leaves the rest of it in the way of the next.
            isReusable = assembler.keepsConnection && !isWriting && isActive
            repliesRead += 1
            driver.finished(exchange, with: reply, on: self)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        endHandshake(.failure(error))
        switch error {
        // The peer closed without a goodbye.
        case NIOSSLError.uncleanShutdown: fail(closedCode)
        case _ where HTTPClientError.isTLS(error): fail(.tlsFailed, "\(error)")
        case HTTPParserError.invalidEOFState: fail(closedCode)
        case is HTTPParserError, is NIOHTTPDecoderError: fail(.malformedReply, "\(error)")
        case is IOError: fail(closedCode, "\(error)")
        default: fail(closedCode)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        fail(closedCode)
        driver.closed(self)
    }

    private var closedCode: HTTPClientError.Code { assembler.hasHead ? .closedDuringReply : .closedBeforeReply }

    // MARK: Ending

    /// Gives up the exchange, if there is one, and closes.
    func abort(_ code: HTTPClientError.Code) {
        fail(code)
    }

    func close() {
        context?.close(promise: nil)
    }

    private func fail(_ code: HTTPClientError.Code, _ detail: String = "") {
        isReusable = false
        let exchange = release()
        close()
        guard let exchange else { return }
        let error = HTTPClientError(code, driver.endpoint.authority, detail, requestMayHaveArrived: true)
        driver.failed(exchange, error, on: self)
    }

    private func release() -> ClientExchange? {
        defer { exchange = nil }
        exchange?.connection = nil
        return exchange
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        endHandshake(.failure(ChannelError.eof))
        // A channel that is closed while its connecting is being reported never becomes inactive.
        driver.closed(self)
    }
}

/// Stands in front of the response decoder, which learns the method from the request's head: where the head comes out,
/// the encoded request goes on in its place.
private final class EncodedRequestHandler: ChannelOutboundHandler {
    typealias OutboundIn = HTTPClientRequestPart
    typealias OutboundOut = ByteBuffer

    /// Head and body of the request that is about to be written.
    var request = ByteBuffer()

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let bytes = request
        request = ByteBuffer()
        context.write(wrapOutboundOut(bytes), promise: promise)
    }
}
