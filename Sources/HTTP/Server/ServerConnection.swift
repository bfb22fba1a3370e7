// One connection of the server. Requests are answered one after the other, in the order in which they came: what a
// client pipelines waits here, and nothing more is read from the socket while something waits.

import DequeModule
import NIOCore
import NIOHTTP1
import NIOSSL
import NIOTLS

final class ServerConnection: ChannelDuplexHandler, Flushable {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundIn = Never
    typealias OutboundOut = ByteBuffer

    typealias Facts = RequestAssembler.Facts

    enum Phase {
        /// Waits for a request, or for the rest of one.
        case reading
        /// The handler has the request.
        case answering(Facts)
        /// The handler sends a reply in pieces.
        case streaming(Facts, ReplyFraming)
        /// The reply is given, but the client does not take it.
        case stalled
        /// The last reply is given and flushed; what still comes is dropped until the client closes.
        case lingering
        case closed
    }

    /// What came from the socket and waits for its turn.
    enum Input {
        case part(HTTPServerRequestPart)
        case refusal(status: Int, reason: String)
    }

    let state: ServerState
    var context: ChannelHandlerContext?
    var phase = Phase.reading
    private var assembler: RequestAssembler
    var waiting: Deque<Input> = []
    /// The client's, once it was asked for: it stays the same for every request.
    private var knownAddress: String?
    private var isDraining = false
    /// Counts the requests, so that a late answer to an earlier one is known as such.
    var number: UInt64 = 0

    private var isWithinRead = false
    private var sawPart = false
    private var holdsRead = false
    private var needsFlush = false

    /// Since when the connection is in the state that `checkTime` judges; `nil` until that looks at it, so that a
    /// request reads no clock.
    private var since: NIODeadline?
    private var hasPartOfHead = false
    private var isHandshaking = false
    var onWritable: (() -> Void)?
    var onAbandoned: (() -> Void)?

    init(_ state: ServerState) {
        self.state = state
        assembler = RequestAssembler(bodyLimit: state.configuration.limits.bodyBytes)
    }

    func addHandlers(to channel: any Channel) throws {
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderFieldSize = state.configuration.limits.headerFieldBytes
        limits.maxHeaderListSize = state.configuration.limits.headerBytes
        limits.maxHeaderFieldCount = state.configuration.limits.headerFields
        let pipeline = channel.pipeline.syncOperations
        if let tls = state.tls {
            try pipeline.addHandler(NIOSSLServerHandler(context: tls))
            isHandshaking = true
        }
        try pipeline.addHandler(ByteToMessageHandler(HTTPRequestDecoder(limitConfiguration: limits)))
        try pipeline.addHandler(self)
    }

    var remoteAddress: String {
        if let knownAddress { return knownAddress }
        guard let address = context?.channel.remoteAddress else { return "" }
        let text = Self.text(of: address)
        knownAddress = text
        return text
    }

    private static func text(of address: SocketAddress) -> String {
        guard let host = address.ipAddress, let port = address.port else { return "\(address)" }
        return host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }

    // MARK: Life

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func channelActive(context: ChannelHandlerContext) {
        touch()
        if !state.admit(self) { close() }
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        phase = .closed
        waiting.removeAll()
        state.closed(self)
        onWritable = nil
        let abandoned = onAbandoned
        onAbandoned = nil
        abandoned?()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted? = event as? TLSUserEvent {
            isHandshaking = false
            // This read brought the end of the handshake, not the beginning of a head.
            sawPart = true
            touch()
        }
        context.fireUserInboundEventTriggered(event)
    }

    func close() {
        context?.close(promise: nil)
    }

    /// The server stops: an unused connection closes, another one after the reply that it owes.
    func finishUp() {
        if case .reading = phase, !assembler.isWithinBody, !hasPartOfHead { close() }
    }

    // MARK: Reading

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        isWithinRead = true
        sawPart = true
        let part = unwrapInboundIn(data)
        switch phase {
        case .reading where waiting.isEmpty: take(.part(part))
        case .reading, .answering, .streaming, .stalled: waiting.append(.part(part))
        case .lingering, .closed: break
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        isWithinRead = false
        // Bytes that made no part are the beginning of a head.
        if !sawPart, !isHandshaking, case .reading = phase, !assembler.isWithinBody, !hasPartOfHead {
            hasPartOfHead = true
            touch()
        }
        sawPart = false
        if needsFlush {
            needsFlush = false
            state.unflushed.add(self)
        }
    }

    /// Called before the socket is read again.
    func read(context: ChannelHandlerContext) {
        if mustHoldRead { holdsRead = true } else { context.read() }
    }

    private var mustHoldRead: Bool {
        if case .stalled = phase { true } else { !waiting.isEmpty }
    }

    private func readAgain() {
        guard holdsRead, !mustHoldRead else { return }
        holdsRead = false
        context?.read()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        let refusal: Input
        switch error {
        case HTTPParserError.headerOverflow:
            refusal = .refusal(status: 431, reason: "the request's target or headers are too long or too many")
        case HTTPParserError.invalidVersion: refusal = .refusal(status: 505, reason: "only HTTP/1.0 and 1.1 are spoken")
        case HTTPParserError.invalidEOFState: return
        case let error as HTTPParserError: refusal = .refusal(status: 400, reason: "\(error)")
        case is ByteToMessageDecoderError: return
        default: return close()
        }
        sawPart = true
        switch phase {
        case .reading where waiting.isEmpty: take(refusal)
        case .reading, .answering, .streaming, .stalled: waiting.append(refusal)
        case .lingering, .closed: break
        }
    }

    // MARK: Handling

    private func take(_ input: Input) {
        switch input {
        case .refusal(let status, let reason): refuse(status, reason)
        case .part(.head(let head)):
            hasPartOfHead = false
            touch()
            perform(assembler.receive(head))
        case .part(.body(let bytes)): perform(assembler.receive(bytes))
        case .part(.end): perform(assembler.end())
        }
    }

    private func perform(_ action: RequestAssembler.Action) {
        switch action {
        case .wait: break
        case .askForBody: write(Self.continueLine)
        case .handle(let request, let facts):
            guard let context else { return }
            number += 1
            phase = .answering(facts)
            state.handler.handle(
                request, HTTPServerExchange(self, number: number, eventLoop: context.eventLoop))
        case .refuse(let status, let reason): refuse(status, reason)
        }
    }

    private static let continueLine = ByteBuffer(string: "HTTP/1.1 100 Continue\r\n\r\n")

    /// Goes on with what came in the meantime, in order.
    func takeNext() {
        guard !isDraining else { return }
        isDraining = true
        while case .reading = phase, let input = waiting.popFirst() { take(input) }
        isDraining = false
        readAgain()
    }

    /// Answers without the handler and closes: the rest of the request is not worth reading.
    private func refuse(_ status: Int, _ reason: String) {
        let facts = Facts(keepAlive: false, isHead: false, isHTTP1_0: false)
        let body = ByteBuffer(string: "\(HTTPResponseStatus(statusCode: status)): \(reason)\n")
        number += 1
        phase = .answering(facts)
        let bytes = head(status, facts, .length(body.readableBytes), keepAlive: false, reserve: 0) { writer in
            writer.add("Content-Type", "text/plain; charset=utf-8")
        }
        write(bytes)
        finishAndLinger(body)
    }

    private func finishAndLinger(_ last: ByteBuffer) {
        guard let context else { return }
        phase = .lingering
        touch()
        waiting.removeAll()
        readAgain()
        let written = context.eventLoop.makePromise(of: Void.self)
        written.futureResult.assumeIsolated().whenSuccess { self.context?.close(mode: .output, promise: nil) }
        context.writeAndFlush(wrapOutboundOut(last), promise: written)
    }

    // MARK: Writing

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable {
            touch()
            if case .stalled = phase {
                phase = .reading
                takeNext()
            }
            let action = onWritable
            onWritable = nil
            action?()
        }
        context.fireChannelWritabilityChanged()
    }

    func flush() { context?.flush() }

    /// Replies that were made within one read leave in one write.
    func write(_ bytes: ByteBuffer) {
        guard let context else { return }
        if isWithinRead {
            needsFlush = true
            context.write(wrapOutboundOut(bytes), promise: nil)
        } else {
            context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
        }
    }

    // MARK: Time

    /// Another state has begun.
    func touch() { since = nil }

    /// Closes what is late. A timeout counts from the first look at the state.
    func checkTime(_ now: NIODeadline) {
        guard let since else {
            since = now
            return
        }
        let configuration = state.configuration
        func isLate(_ timeout: Duration) -> Bool { now - since >= TimeAmount(timeout) }
        switch phase {
        case .reading where isHandshaking:
            if isLate(configuration.headTimeout) { close() }
        case .reading where hasPartOfHead:
            if isLate(configuration.headTimeout) { refuse(408, "the head of the request took too long") }
        case .reading where assembler.isWithinBody:
            if isLate(configuration.bodyTimeout) { refuse(408, "the body of the request took too long") }
        case .reading:
            if isLate(configuration.idleTimeout) { close() }
        case .stalled:
            if isLate(configuration.stallTimeout) { close() }
        case .streaming:
            if context?.channel.isWritable == false, isLate(configuration.stallTimeout) { close() }
        case .lingering:
            if isLate(configuration.lingerTimeout) { close() }
        case .closed:
            // The last reply is on its way.
            if isLate(configuration.stallTimeout) { close() }
        case .answering: break
        }
    }
}
