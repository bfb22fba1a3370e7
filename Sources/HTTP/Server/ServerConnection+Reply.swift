// How a server's connection replies: what the exchange asks for becomes bytes on the socket, once and in order.

import NIOCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension ServerConnection {
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

    func begin(_ number: UInt64, status: Int, length: Int?, headers: (inout HTTPHeaderWriter) -> Void) {
        guard number == self.number, case .answering(var facts) = phase else { return }
        let framing: ReplyFraming
        if !Self.mayHaveBody(status) || facts.isHead {
            framing = .none
        } else if let length {
            framing = .length(length)
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
        if !context.channel.isWritable { touch() }
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
        touch()
        guard keepAlive else {
            phase = .closed
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
        var hasSent = false
        if case .streaming = phase { hasSent = how == .close }
        phase = .closed
        if how == .reset {
            // Closing with a linger of zero seconds makes the system send a reset.
            _ = (context.channel as? any SocketOptionProvider)?.setSoLinger(linger(l_onoff: 1, l_linger: 0))
        }
        onWritable = nil
        onAbandoned = nil
        guard hasSent else { return close() }
        // Closing would throw away what the client has not taken yet.
        let written = context.eventLoop.makePromise(of: Void.self)
        written.futureResult.assumeIsolated().whenComplete { _ in self.close() }
        context.writeAndFlush(wrapOutboundOut(ByteBuffer()), promise: written)
    }

    func whenWritable(_ number: UInt64, _ action: @escaping () -> Void) {
        guard isOpen(number), let context else { return }
        if context.channel.isWritable { action() } else { onWritable = action }
    }

    func whenAbandoned(_ number: UInt64, _ action: @escaping () -> Void) {
        if isOpen(number) { onAbandoned = action }
    }

    func head(
        _ status: Int, _ facts: Facts, _ framing: ReplyFraming, keepAlive: Bool, reserve: Int,
        headers: (inout HTTPHeaderWriter) -> Void
    ) -> ByteBuffer {
        state.writer.head(
            status: status, facts: facts, framing: framing, keepAlive: keepAlive,
            unixSeconds: WallClock.unixNanoseconds() / 1_000_000_000, reserve: reserve, headers: headers)
    }

    private static func mayHaveBody(_ status: Int) -> Bool {
        !(100..<200).contains(status) && status != 204 && status != 304
    }
}
