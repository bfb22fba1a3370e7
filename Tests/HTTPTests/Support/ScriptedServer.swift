import NIOCore
import NIOPosix
import Synchronization

/// A TCP server that answers by a script rather than by HTTP: for what no well-behaved server does.
final class ScriptedServer: Sendable {
    enum Step: Sendable {
        case send(String)
        case sendBytes([UInt8])
        case close
        /// Closes its own side only.
        case closeOutput
    }

    /// Called with the number of the connection, from 0, and all that it received since its last answer. Returns `nil`
    /// while it waits for more.
    typealias Script = @Sendable (_ connection: Int, _ received: String) -> [Step]?

    let port: Int
    private let listener: any Channel
    private let count: Counter

    final class Counter: Sendable {
        let connections = Atomic<Int>(0)
    }

    var connections: Int { count.connections.load(ordering: .relaxed) }

    private init(listener: any Channel, count: Counter) {
        self.listener = listener
        self.count = count
        port = listener.localAddress?.port ?? 0
    }

    static func start(_ script: @escaping Script) async throws -> ScriptedServer {
        let count = Counter()
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { channel in
                let number = count.connections.wrappingAdd(1, ordering: .relaxed).oldValue
                return channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Handler(number, script))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return ScriptedServer(listener: listener, count: count)
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private let number: Int
        private let script: Script
        private var received = ""

        init(_ number: Int, _ script: @escaping Script) {
            self.number = number
            self.script = script
        }

        func channelActive(context: ChannelHandlerContext) {
            answer(context)
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            received += String(buffer: unwrapInboundIn(data))
            answer(context)
        }

        private func answer(_ context: ChannelHandlerContext) {
            guard let steps = script(number, received) else { return }
            received = ""
            for step in steps {
                switch step {
                case .send(let text): context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
                case .sendBytes(let bytes):
                    context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
                case .close: context.close(promise: nil)
                case .closeOutput: context.close(mode: .output, promise: nil)
                }
            }
        }
    }
}

/// Hands out the numbers from 0, each once.
final class SeedCounter: Sendable {
    private let last = Atomic<UInt64>(0)

    func next() -> UInt64 { last.wrappingAdd(1, ordering: .relaxed).oldValue }
}
