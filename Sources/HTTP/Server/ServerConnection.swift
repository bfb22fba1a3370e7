// One connection of the server. Requests are answered one after the other, in the order in which they came: what a
// client pipelines waits here, and nothing more is read from the socket while something waits.

import DequeModule
import NIOCore
import NIOHTTP1
import NIOSSL
import NIOTLS

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

final class ServerConnection: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundIn = Never
    typealias OutboundOut = ByteBuffer

    private typealias Facts = RequestAssembler.Facts

    private enum Phase {
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
    private enum Input {
        case part(HTTPServerRequestPart)
        case refusal(status: Int, reason: String)
    }

    private let state: ServerState
    private var context: ChannelHandlerContext?
    private var phase = Phase.reading
    private var assembler: RequestAssembler
    private var waiting: Deque<Input> = []
    private var isDraining = false
    /// Counts the requests, so that a late answer to an earlier one is known as such.
    private var number: UInt64 = 0

    private var isWithinRead = false
    private var sawPart = false
    private var holdsRead = false
    private var needsFlush = false

    /// Since when the connection is in the state that `checkTime` judges.
    private var since = NIODeadline.now()
    private var hasPartOfHead = false
    private var isHandshaking = false
    private var onWritable: (() -> Void)?
    private var onAbandoned: (() -> Void)?

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
        guard let address = context?.channel.remoteAddress else { return "" }
        guard let host = address.ipAddress, let port = address.port else { return "\(address)" }
        return host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }

    // MARK: Life

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func channelActive(context: ChannelHandlerContext) {
        since = .now()
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
            since = .now()
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
            since = .now()
        }
        sawPart = false
        if needsFlush {
            needsFlush = false
            context.flush()
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
            since = .now()
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
    private func takeNext() {
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
        since = .now()
        waiting.removeAll()
        readAgain()
        let written = context.eventLoop.makePromise(of: Void.self)
        written.futureResult.assumeIsolated().whenSuccess { self.context?.close(mode: .output, promise: nil) }
        context.writeAndFlush(wrapOutboundOut(last), promise: written)
    }

    // MARK: Replying

    func isOpen(_ number: UInt64) -> Bool {
        guard number == self.number else { return false }
        switch phase {
        case .answering, .streaming: return true
        case .reading, .stalled, .lingering, .closed: return false
        }
    }

    func reply(_ number: UInt64, status: Int, body: ByteBuffer, headers: (inout HTTPHeaderWriter) -> Void) {
        guard number == self.number, case .answering(let facts) = phase else { return }
        let keepAlive = facts.keepAlive && !state.isShuttingDown
        let hasBody = Self.mayHaveBody(status)
        let framing = hasBody ? ReplyFraming.length(body.readableBytes) : .none
        let sendsBody = hasBody && !facts.isHead && body.readableBytes > 0
        let inOnePiece = sendsBody && body.readableBytes <= Self.copiedBody
        var bytes = head(
            status, facts, framing, keepAlive: keepAlive, reserve: inOnePiece ? body.readableBytes : 0,
            headers: headers)
        if inOnePiece { bytes.writeImmutableBuffer(body) }
        let rest = sendsBody && !inOnePiece ? body : nil
        finish(bytes, rest, keepAlive: keepAlive)
    }

    /// A body up to this size is copied behind its head: cheaper than a second piece in the write.
    private static let copiedBody = 2048

    func begin(_ number: UInt64, status: Int, headers: (inout HTTPHeaderWriter) -> Void) {
        guard number == self.number, case .answering(var facts) = phase else { return }
        let framing: ReplyFraming
        if !Self.mayHaveBody(status) || facts.isHead {
            framing = .none
        } else {
            framing = facts.isHTTP1_0 ? .untilClose : .chunked
        }
        facts.keepAlive = facts.keepAlive && framing != .untilClose && !state.isShuttingDown
        phase = .streaming(facts, framing)
        write(head(status, facts, framing, keepAlive: facts.keepAlive, reserve: 0, headers: headers))
    }

    func send(_ number: UInt64, _ bytes: ByteBuffer) -> Bool {
        guard number == self.number, case .streaming(_, let framing) = phase, let context else { return false }
        guard bytes.readableBytes > 0 else { return context.channel.isWritable }
        switch framing {
        case .chunked:
            var chunk = ByteBuffer()
            chunk.reserveCapacity(16 + (bytes.readableBytes <= Self.copiedBody ? bytes.readableBytes + 2 : 0))
            chunk.writeString(String(bytes.readableBytes, radix: 16))
            chunk.writeStaticString("\r\n")
            if bytes.readableBytes <= Self.copiedBody {
                chunk.writeImmutableBuffer(bytes)
                chunk.writeStaticString("\r\n")
                write(chunk)
            } else {
                context.write(wrapOutboundOut(chunk), promise: nil)
                context.write(wrapOutboundOut(bytes), promise: nil)
                write(ByteBuffer(staticString: "\r\n"))
            }
        case .untilClose, .length: write(bytes)
        case .none: break
        }
        if !context.channel.isWritable { since = .now() }
        return context.channel.isWritable
    }

    func end(_ number: UInt64) {
        guard number == self.number, case .streaming(let facts, let framing) = phase else { return }
        let last = framing == .chunked ? ByteBuffer(staticString: "0\r\n\r\n") : ByteBuffer()
        finish(last, nil, keepAlive: facts.keepAlive)
    }

    private func finish(_ bytes: ByteBuffer, _ rest: ByteBuffer?, keepAlive: Bool) {
        guard let context else { return }
        onWritable = nil
        onAbandoned = nil
        since = .now()
        guard keepAlive else {
            phase = .closed
            waiting.removeAll()
            let written = context.eventLoop.makePromise(of: Void.self)
            written.futureResult.assumeIsolated().whenComplete { _ in self.close() }
            context.write(wrapOutboundOut(bytes), promise: rest == nil ? written : nil)
            if let rest { context.write(wrapOutboundOut(rest), promise: written) }
            context.flush()
            return
        }
        if let rest {
            context.write(wrapOutboundOut(bytes), promise: nil)
            write(rest)
        } else {
            write(bytes)
        }
        // A client that does not read gets no further request answered, and is not read from.
        phase = context.channel.isWritable ? .reading : .stalled
        takeNext()
    }

    func abort(_ number: UInt64, _ how: HTTPServerExchange.Abort) {
        guard isOpen(number), let context else { return }
        phase = .closed
        if how == .reset {
            // Closing with a linger of zero seconds makes the system send a reset.
            _ = (context.channel as? any SocketOptionProvider)?.setSoLinger(linger(l_onoff: 1, l_linger: 0))
        }
        onWritable = nil
        onAbandoned = nil
        close()
    }

    func whenWritable(_ number: UInt64, _ action: @escaping () -> Void) {
        guard isOpen(number), let context else { return }
        if context.channel.isWritable { action() } else { onWritable = action }
    }

    func whenAbandoned(_ number: UInt64, _ action: @escaping () -> Void) {
        if isOpen(number) { onAbandoned = action }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable {
            since = .now()
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

    private func head(
        _ status: Int, _ facts: Facts, _ framing: ReplyFraming, keepAlive: Bool, reserve: Int,
        headers: (inout HTTPHeaderWriter) -> Void
    ) -> ByteBuffer {
        state.writer.head(
            status: status, facts: facts, framing: framing, keepAlive: keepAlive,
            unixSeconds: WallClock.unixNanoseconds() / 1_000_000_000, reserve: reserve, headers: headers)
    }

    /// Replies that were made within one read leave in one write.
    private func write(_ bytes: ByteBuffer) {
        guard let context else { return }
        if isWithinRead {
            needsFlush = true
            context.write(wrapOutboundOut(bytes), promise: nil)
        } else {
            context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
        }
    }

    private static func mayHaveBody(_ status: Int) -> Bool {
        !(100..<200).contains(status) && status != 204 && status != 304
    }

    // MARK: Time

    func checkTime(_ now: NIODeadline) {
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
        case .answering, .closed: break
        }
    }
}
