// One connection of the server. Requests are answered one after the other, in the order in which they came: what a
// client pipelines waits here, and nothing more is read from the socket while something waits.

import NIOCore
import NIOHTTP1
import NIOSSL
import NIOTLS

final class ServerConnection: ChannelDuplexHandler, Flushable {
    typealias InboundIn = ByteBuffer
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

    let state: ServerState
    var context: ChannelHandlerContext?
    var phase = Phase.reading
    private var parser: MessageParser<RequestHead>
    private var assembler: RequestAssembler
    /// The client's, once it was asked for: it stays the same for every request.
    private var knownAddress: String?
    private var isDraining = false
    /// Counts the requests, so that a late answer to an earlier one is known as such.
    var number: UInt64 = 0

    private var isWithinRead = false
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
        parser = MessageParser<RequestHead>(limits: state.configuration.limits)
        assembler = RequestAssembler(bodyLimit: state.configuration.limits.bodyBytes)
    }

    func addHandlers(to channel: any Channel) throws {
        let pipeline = channel.pipeline.syncOperations
        if let tls = state.tls {
            try pipeline.addHandler(NIOSSLServerHandler(context: tls))
            isHandshaking = true
        }
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
        switch phase {
        case .lingering, .closed: return
        case .reading, .answering, .streaming, .stalled: break
        }
        isWithinRead = true
        parser.append(unwrapInboundIn(data))
        takeNext()
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        isWithinRead = false
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
        switch phase {
        case .stalled: true
        case .answering, .streaming: parser.hasUnread
        case .reading, .lingering, .closed: false
        }
    }

    private func readAgain() {
        guard holdsRead, !mustHoldRead else { return }
        holdsRead = false
        context?.read()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { close() }

    // MARK: Handling

    /// Goes on with what has come, in order, as far as the next request that the handler has.
    func takeNext() {
        guard !isDraining else { return }
        isDraining = true
        do throws(MessageError) {
            while case .reading = phase, let part = try parser.next() { take(part) }
            if case .reading = phase, parser.isWithinHead != hasPartOfHead {
                hasPartOfHead.toggle()
                touch()
            }
        } catch {
            refuse(error)
        }
        isDraining = false
        readAgain()
    }

    private func take(_ part: consuming MessageParser<RequestHead>.Part) {
        switch consume part {
        case .head(let head):
            hasPartOfHead = false
            touch()
            perform(assembler.receive(head))
        case .body(let bytes): perform(assembler.receive(bytes))
        case .end: perform(assembler.end())
        }
    }

    private func refuse(_ error: MessageError) {
        switch error {
        case .malformed: refuse(400, error.description)
        case .headTooLarge: refuse(431, error.description)
        case .version: refuse(505, error.description)
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
