import NIOCore
import NIOPosix
import Synchronization

/// Passes connections on to a port of 127.0.0.1, and breaks them when told.
package final class TCPProxy: Sendable {
    private let listener: any Channel
    private let state = Mutex(State())

    private struct State {
        var isCut = false
        var channels: [ObjectIdentifier: any Channel] = [:]
    }

    package var port: UInt16 { UInt16(listener.localAddress?.port ?? 0) }

    private init(_ listener: any Channel) { self.listener = listener }

    package static func start(to target: UInt16) async throws -> TCPProxy {
        let box = Mutex<TCPProxy?>(nil)
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 64)
            .childChannelOption(.autoRead, value: false)
            .childChannelInitializer { client in
                guard let proxy = box.withLock({ $0 }), proxy.admit(client) else {
                    return client.eventLoop.makeFailedFuture(ChannelError.eof)
                }
                return ClientBootstrap(group: client.eventLoop)
                    .channelInitializer { server in
                        server.eventLoop.makeCompletedFuture {
                            guard proxy.admit(server) else { throw ChannelError.eof }
                            try server.pipeline.syncOperations.addHandler(Relay(to: client))
                            try client.pipeline.syncOperations.addHandler(Relay(to: server))
                        }
                    }
                    .connect(host: "127.0.0.1", port: Int(target))
                    .flatMap { _ in client.setOption(.autoRead, value: true) }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let proxy = TCPProxy(listener)
        box.withLock { $0 = proxy }
        return proxy
    }

    private func admit(_ channel: any Channel) -> Bool {
        let isAdmitted = state.withLock { state in
            if !state.isCut { state.channels[ObjectIdentifier(channel)] = channel }
            return !state.isCut
        }
        channel.closeFuture.whenComplete { [weak self] _ in
            _ = self?.state.withLock { $0.channels.removeValue(forKey: ObjectIdentifier(channel)) }
        }
        return isAdmitted
    }

    /// Breaks every connection, and new ones as they come.
    package func cut() {
        let channels = state.withLock { state in
            state.isCut = true
            return Array(state.channels.values)
        }
        for channel in channels { channel.close(promise: nil) }
    }

    package func restore() { state.withLock { $0.isCut = false } }

    package func shutDown() async {
        cut()
        try? await listener.close()
    }

    private final class Relay: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        private let other: any Channel

        init(to other: any Channel) { self.other = other }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            other.writeAndFlush(unwrapInboundIn(data), promise: nil)
        }

        func channelInactive(context: ChannelHandlerContext) { other.close(promise: nil) }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}
