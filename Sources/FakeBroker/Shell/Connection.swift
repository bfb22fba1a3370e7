internal import DequeModule
internal import Logging
internal import NIOCore

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// One client's connection: frames in, replies out, one request at a time.
///
/// A connection's next request is handed on when the one before it is answered, as in Kafka, so that replies keep
/// their order. While it waits for that, or for the client to read, it takes no more bytes off the socket than one
/// read brings.
final class Connection: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    let id: ConnectionID
    let broker: Int32
    /// Where in the settings the listener stands.
    let listener: Int
    private let host: Host
    private(set) var clientHost = ""
    /// As the latest request named it.
    var clientID: String?

    private var context: ChannelHandlerContext?
    private var decoder: FrameDecoder
    private var frames: Deque<ByteBuffer> = []
    private var isAnswering = false
    private var isTaking = false
    private var isReadHeld = false
    /// By a fault plan: nothing more is taken from the socket.
    private var isStalled = false
    private var hasUnflushedReplies = false
    /// With TLS one knows who the peer is only when it sends its first frame.
    private var isIntroduced = false
    private var isClosing = false

    init(id: ConnectionID, broker: Int32, listener: Int, host: Host, requestBytesLimit: Int) {
        self.id = id
        self.broker = broker
        self.listener = listener
        self.host = host
        decoder = FrameDecoder(lengthLimit: requestBytesLimit)
    }

    // MARK: Life

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        clientHost = "/\(context.remoteAddress?.ipAddress ?? "?")"
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.context = nil
        frames.removeAll()
        host.closed(self)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let problem = TLSContexts.problem(error) { return refuse("TLS: \(problem)") }
        host.logger.debug("connection failed", metadata: metadata(["error": "\(error)"]))
        context.close(promise: nil)
    }

    /// What has been answered is still sent.
    func close() {
        frames.removeAll()
        guard let context, !isClosing else { return }
        isClosing = true
        if hasUnflushedReplies { context.flush() }
        context.close(promise: nil)
    }

    /// Breaks off, so that the peer sees a reset rather than an end.
    func reset() {
        guard let context, !isClosing else { return }
        // Lingering for no time at all makes the kernel send RST.
        _ = (context.channel as? any SocketOptionProvider)?.setSoLinger(linger(l_onoff: 1, l_linger: 0))
        close()
    }

    /// The peer sent what cannot be a Kafka request: nothing that follows can be trusted.
    func refuse(_ reason: String) {
        host.logger.warning("closing connection: \(reason)", metadata: metadata([:]))
        close()
    }

    func metadata(_ more: Logger.Metadata) -> Logger.Metadata {
        let own: Logger.Metadata = [
            "broker": "\(broker)", "connection": "\(id.rawValue)", "peer": "\(clientHost)",
            "client": "\(clientID ?? "-")",
        ]
        return own.merging(more) { $1 }
    }

    // MARK: Requests

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isClosing else { return }
        if !isIntroduced {
            isIntroduced = true
            host.opened(self, certificateSubject: TLSContexts.certificateSubject(in: context.pipeline))
        }
        var bytes = unwrapInboundIn(data)
        frames: while true {
            switch decoder.next(from: &bytes) {
            case .frame(let frame): frames.append(frame)
            case .needsMore: break frames
            case .refused(let length):
                return refuse("a frame of \(length) bytes; 0 to \(decoder.lengthLimit) are accepted")
            }
        }
        takeRequests()
    }

    private func takeRequests() {
        // A reply that is written while requests are taken is flushed with the others.
        guard !isTaking else { return }
        isTaking = true
        while !isAnswering, !isStalled, let context, context.channel.isWritable, let frame = frames.popFirst() {
            isAnswering = true
            host.received(frame, on: self)
        }
        isTaking = false
        if hasUnflushedReplies {
            hasUnflushedReplies = false
            context?.flush()
        }
        if isReadHeld, frames.isEmpty, !isStalled {
            isReadHeld = false
            context?.read()
        }
    }

    func read(context: ChannelHandlerContext) {
        if frames.isEmpty, !isStalled { context.read() } else { isReadHeld = true }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        takeRequests()
        context.fireChannelWritabilityChanged()
    }

    // MARK: Replies

    /// The pieces of one reply, in order.
    func send(_ reply: [ByteBuffer]) {
        guard write(reply) else { return }
        finish()
    }

    /// Returns whether there is anybody to write to. Flushed when the next requests are taken.
    private func write(_ pieces: [ByteBuffer]) -> Bool {
        guard let context else { return false }
        for piece in pieces { context.write(wrapOutboundOut(piece), promise: nil) }
        hasUnflushedReplies = true
        return true
    }

    /// A reply on which a fault plan lies.
    func send(_ reply: [ByteBuffer], by delivery: Delivery) {
        var frame = ByteBuffer()
        for piece in reply { frame.writeImmutableBuffer(piece) }
        switch delivery {
        case .torn(let bytes):
            _ = write([frame.getSlice(at: 0, length: min(bytes, frame.readableBytes)) ?? frame])
            close()
        case .corrupted(let bits):
            frame.flip(bits, from: 4)
            send([frame])
        case .trickled(let bytes, let every):
            trickle(frame, bytes: bytes, every: every)
        }
    }

    private func trickle(_ frame: ByteBuffer, bytes: Int, every: Duration) {
        var rest = frame
        guard !isClosing, let part = rest.readSlice(length: min(bytes, rest.readableBytes)) else { return }
        guard rest.readableBytes > 0 else { return send([part]) }
        guard write([part]) else { return }
        hasUnflushedReplies = false
        context?.flush()
        host.after(every) { [self] in trickle(rest, bytes: bytes, every: every) }
    }

    /// Takes nothing more for so long; nil: ever.
    func stall(for time: Duration?) {
        isStalled = true
        guard let time else { return }
        host.after(time) { [self] in
            isStalled = false
            takeRequests()
        }
    }

    /// The request at hand needs nothing more.
    func finish() {
        isAnswering = false
        takeRequests()
    }
}

extension ByteBuffer {
    /// Makes bits wrong: each counted from a byte on, modulo how many there are.
    fileprivate mutating func flip(_ bits: [UInt64], from start: Int) {
        guard readableBytes > start else { return }
        for bit in bits {
            let chosen = Int(bit % UInt64((readableBytes - start) * 8))
            let index = readerIndex + start + chosen / 8
            guard let byte = getInteger(at: index, as: UInt8.self) else { continue }
            setInteger(byte ^ (1 << (chosen % 8)), at: index)
        }
    }
}
