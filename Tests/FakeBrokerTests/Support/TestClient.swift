import KafkaProtocol
import NIOCore
import NIOPosix
import Synchronization

@testable import FakeBroker

/// A TCP client that sends and receives whole frames, or any bytes.
final class TestClient {
    private let channel: any Channel
    private var frames: AsyncStream<ByteBuffer>.Iterator
    private var correlation: Int32 = 0
    private let received: Received

    private init(_ channel: any Channel, _ frames: AsyncStream<ByteBuffer>, _ received: Received) {
        self.channel = channel
        self.received = received
        self.frames = frames.makeAsyncIterator()
    }

    static func connect(to broker: FakeBroker, at index: Int = 0, reads: Bool = true) async throws -> TestClient {
        let server = broker.bootstrapServers.split(separator: ",")[index].split(separator: ":")
        let (frames, arrived) = AsyncStream.makeStream(of: ByteBuffer.self)
        let received = Received()
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.autoRead, value: reads)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(FrameCollector(arrived, received))
                }
            }
            .connect(host: String(server[0]), port: Int(server[1]) ?? 0).get()
        return TestClient(channel, frames, received)
    }

    var isOpen: Bool { channel.isActive }
    var bytesReceived: Int { received.bytes.load(ordering: .relaxed) }

    func send(_ bytes: ByteBuffer) async throws {
        try await channel.writeAndFlush(bytes).get()
    }

    func beginReading() async throws {
        try await channel.setOption(.autoRead, value: true).get()
    }

    /// Sends a request and does not wait. Returns its correlation id.
    @discardableResult
    func request(_ request: Request, version: Int16? = nil) async throws -> Int32 {
        correlation += 1
        var bytes = ByteBuffer()
        try Frame.encode(
            request, version: version ?? request.apiKey.stableVersions.upperBound, correlationID: correlation,
            clientID: "test", into: &bytes)
        try await send(bytes)
        return correlation
    }

    /// Nil once the connection is closed.
    func nextFrame() async -> ByteBuffer? {
        await frames.next(isolation: #isolation)
    }

    func call(_ request: Request, version: Int16? = nil) async throws -> Response {
        let apiKey = request.apiKey
        let version = version ?? apiKey.stableVersions.upperBound
        let sent = try await self.request(request, version: version)
        guard let frame = await nextFrame() else { throw ConnectionClosed() }
        let (correlation, response) = try Frame.decodeResponse(apiKey, version: version, frame)
        guard correlation == sent else { throw UnexpectedAnswer(response) }
        return response
    }

    func close() async throws {
        try await channel.close().get()
    }
}

struct ConnectionClosed: Error {}

private final class Received: Sendable {
    let bytes = Atomic(0)
}

private final class FrameCollector: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    private let arrived: AsyncStream<ByteBuffer>.Continuation
    private var decoder = FrameDecoder(lengthLimit: 1 << 30)
    private let received: Received

    init(_ arrived: AsyncStream<ByteBuffer>.Continuation, _ received: Received) {
        self.arrived = arrived
        self.received = received
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        received.bytes.add(bytes.readableBytes, ordering: .relaxed)
        while case .frame(let frame) = decoder.next(from: &bytes) { arrived.yield(frame) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        arrived.finish()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}

/// Starts brokers for one test, and stops them after it.
func withBrokers(
    _ change: (inout FakeBroker.Configuration) -> Void = { _ in },
    _ body: (FakeBroker) async throws -> Void
) async throws {
    var configuration = FakeBroker.Configuration()
    change(&configuration)
    let broker = try await FakeBroker.start(configuration)
    do {
        try await body(broker)
    } catch {
        await broker.shutdown()
        throw error
    }
    await broker.shutdown()
}
