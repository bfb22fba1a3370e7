import NIOCore
import NIOPosix
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A TCP client that sends and receives text, byte for byte: for what no well-behaved HTTP client does.
package final class RawClient: Sendable {
    package struct TimedOut: Error, CustomStringConvertible {
        let received: String
        package var description: String { "waited in vain; received so far: \(received.debugDescription)" }
    }

    private let channel: any Channel
    private let transcript: Transcript

    private init(channel: any Channel, transcript: Transcript) {
        self.channel = channel
        self.transcript = transcript
    }

    package static func connect(to port: Int) async throws -> RawClient {
        let transcript = Transcript()
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Handler(transcript))
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
        return RawClient(channel: channel, transcript: transcript)
    }

    package func send(_ text: String) async throws {
        try await channel.writeAndFlush(ByteBuffer(string: text)).get()
    }

    package func send(_ bytes: [UInt8]) async throws {
        try await channel.writeAndFlush(ByteBuffer(bytes: bytes)).get()
    }

    package func close() {
        channel.close(promise: nil)
    }

    /// Waits until what was received, taken as Latin-1, satisfies `condition`; returns all of it.
    @discardableResult
    package func read(
        within limit: Duration = .seconds(20), until condition: (String) -> Bool
    ) async throws -> String {
        var patience = Patience(limit)
        while true {
            let (received, hasEnded) = transcript.state.withLock { ($0.received, $0.hasEnded) }
            if condition(received) || hasEnded { return received }
            guard patience.lasts() else { throw TimedOut(received: received) }
            try await Task.sleep(for: .milliseconds(1))
        }
    }

    /// Whether the server reset the connection, in place of closing it.
    package var wasReset: Bool { transcript.state.withLock { $0.wasReset } }

    /// Waits for the server to close; returns all that came.
    package func readToEnd() async throws -> String {
        let received = try await read { _ in false }
        close()
        return received
    }

    private final class Transcript: Sendable {
        let state = Mutex<(received: String, hasEnded: Bool, wasReset: Bool)>(("", false, false))
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        private let transcript: Transcript

        init(_ transcript: Transcript) { self.transcript = transcript }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let text = String(unwrapInboundIn(data).readableBytesView.map { Character(UnicodeScalar($0)) })
            transcript.state.withLock { $0.received += text }
        }

        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            if event as? ChannelEvent == .inputClosed { transcript.state.withLock { $0.hasEnded = true } }
        }

        func channelInactive(context: ChannelHandlerContext) {
            transcript.state.withLock { $0.hasEnded = true }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            let isReset = (error as? IOError)?.errnoCode == ECONNRESET
            transcript.state.withLock { $0.wasReset = $0.wasReset || isReset }
            context.close(promise: nil)
        }
    }
}
