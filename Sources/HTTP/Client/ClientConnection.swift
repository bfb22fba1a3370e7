// One connection of the client: writes a request, puts the reply together, tells the driver. One exchange at a time.

import NIOCore
import NIOSSL
import NIOTLS

final class ClientConnection: ChannelInboundHandler, Flushable {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    let number: ConnectionPool.Connection
    private let driver: ClientDriver
    private var context: ChannelHandlerContext?
    private var parser: MessageParser<ReplyHead>
    /// Of the reply that is awaited. Given up with its end: held on to, its memory could not be read into again.
    private var assembler: ReplyAssembler?
    /// Whether the request, or a part of it, has yet to leave for the socket.
    private var isWriting = false

    /// Memory of a small request, until it is flushed.
    private var leaving: ByteBuffer?

    /// While TLS is being agreed upon.
    private var handshake: EventLoopPromise<Void>?

    private(set) var exchange: ClientExchange?
    private(set) var repliesRead = 0
    private(set) var isReusable = false
    /// Whether it can carry a request. Kept here, for the channel is found by way of the pipeline, and asked twice a
    /// request.
    private(set) var isActive = false

    init(number: ConnectionPool.Connection, driver: ClientDriver) {
        self.number = number
        self.driver = driver
        parser = MessageParser<ReplyHead>(limits: driver.configuration.limits)
    }

    func addHandlers(to channel: any Channel, tls: NIOSSLClientHandler?) throws {
        let pipeline = channel.pipeline.syncOperations
        if let tls {
            try pipeline.addHandler(tls)
            handshake = channel.eventLoop.makePromise()
        }
        try pipeline.addHandler(self)
    }

    /// This connection, once it can carry requests: at once, or when TLS has been agreed upon.
    func secured() -> EventLoopFuture<NIOLoopBound<ClientConnection>> {
        let this = NIOLoopBound(self, eventLoop: driver.eventLoop)
        isActive = context?.channel.isActive ?? false
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

    // MARK: Sending

    func start(_ exchange: ClientExchange) {
        guard let context else { preconditionFailure("a request on a connection that is not in its pipeline") }
        exchange.connection = self
        self.exchange = exchange
        assembler = ReplyAssembler(exchange.request.replyBody)
        parser.answersHEAD = exchange.request.method == .head
        isReusable = false

        // Not kept until the reply: each call would have its body twice.
        let bytes = exchange.request.take()
        var written: EventLoopPromise<Void>?
        if bytes.readableBytes > Self.surelyFits {
            isWriting = true
            let promise = context.eventLoop.makePromise(of: Void.self)
            promise.futureResult.assumeIsolated().whenComplete { _ in self.isWriting = false }
            written = promise
        }
        context.write(wrapOutboundOut(bytes), promise: written)
        if written == nil, !exchange.request.isRepeatable { leaving = bytes }
        driver.unflushed.add(self)
    }

    func flush() {
        context?.flush()
        if let leaving = leaving.take() { driver.keepSpare(leaving) }
    }

    /// What an empty socket buffer takes at once on every system that this runs on.
    private static let surelyFits = 8 * 1024

    // MARK: Receiving

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        // Bytes that nobody asked for.
        guard exchange != nil else { return close() }
        parser.append(unwrapInboundIn(data))
        do throws(MessageError) {
            while exchange != nil, let part = try parser.next() { take(part) }
        } catch {
            fail(.malformedReply, error.description)
        }
    }

    private func take(_ part: MessageParser<ReplyHead>.Part) {
        switch part {
        case .head(let head):
            if head.status == 101 {
                fail(.malformedReply, "it switched protocols without being asked")
            } else {
                assembler?.receive(head)
            }
        case .body(let bytes):
            if assembler?.receive(bytes) == .tooLarge { fail(.replyTooLarge) }
        case .end: finish()
        }
    }

    private func finish() {
        guard let (reply, keepsConnection) = assembler?.finished() else { return }
        assembler = nil
        // With it, unasked, a proxy ends a connection that was idle for too long (RFC 9110, section 15.5.9): on one
        // that was used before it answers nothing that was sent.
        if reply.status == 408, repliesRead > 0, !keepsConnection { return fail(.closedBeforeReply) }
        guard let exchange = release() else { return }
        // A server that replied before it read the whole request leaves the rest of it in the way of the next; one that
        // sent more than the reply cannot be understood any more.
        isReusable = keepsConnection && parser.isEmpty && !isWriting && isActive
        repliesRead += 1
        driver.finished(exchange, with: reply, on: self)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        endHandshake(.failure(error))
        switch error {
        // The peer closed without a goodbye.
        case NIOSSLError.uncleanShutdown: fail(closedCode)
        case _ where HTTPClientError.isTLS(error): fail(.tlsFailed, "\(error)")
        case is IOError: fail(closedCode, "\(error)")
        default: fail(closedCode)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        isActive = false
        if exchange != nil, parser.endsWithConnection { finish() }
        fail(closedCode)
        driver.closed(self)
    }

    private var closedCode: HTTPClientError.Code {
        assembler?.hasHead == true ? .closedDuringReply : .closedBeforeReply
    }

    // MARK: Ending

    /// Gives up the exchange, if there is one, and closes.
    func abort(_ code: HTTPClientError.Code) {
        fail(code)
    }

    func close() {
        isActive = false
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
        let released = exchange.take()
        released?.connection = nil
        return released
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        isActive = false
        endHandshake(.failure(ChannelError.eof))
        // A channel that is closed while its connecting is being reported never becomes inactive.
        driver.closed(self)
    }
}
