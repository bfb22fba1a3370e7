import Connector
import KafkaConnector
import Synchronization

/// The connector of a local system, which may be stopped and started again.
final class LocalConnector: Sendable {
    private struct State {
        var service: KafkaConnectorService?
        /// Stopped by a fault, and not to start before that is over.
        var isHeld = false
    }

    private let state = Mutex(State())
    private let make: @Sendable () throws -> KafkaConnectorService
    private let starts: AsyncStream<Void>
    private let starter: AsyncStream<Void>.Continuation

    init(_ make: @escaping @Sendable () throws -> KafkaConnectorService) {
        self.make = make
        (starts, starter) = AsyncStream.makeStream(of: Void.self)
        starter.yield()
    }

    /// Until `drain`; one life after the other.
    func run() async throws {
        for await _ in starts {
            let service = try make()
            state.withLock { $0.service = service }
            try await service.run()
        }
    }

    /// Asks it to stop, as a shutdown does.
    func stop() async {
        let service = state.withLock { state in
            state.isHeld = true
            return state.service
        }
        await service?.connector.drain()
    }

    /// Starts it again; if it is still draining, when it has.
    func start() {
        let wasHeld = state.withLock { state in
            defer { state.isHeld = false }
            return state.isHeld
        }
        if wasHeld { starter.yield() }
    }

    /// For good.
    func drain() async {
        starter.finish()
        await state.withLock { $0.service }?.connector.drain()
    }
}
