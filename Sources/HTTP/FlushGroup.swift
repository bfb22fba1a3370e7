import NIOCore

/// Has written something and not flushed it.
protocol Flushable: AnyObject {
    func flush()
}

/// Flushes what one turn of the loop wrote on several connections together: a peer that sleeps between two messages
/// costs a wake-up for each, one that finds several at once does not. They wait for the end of the turn at most. Lives
/// on the loop.
final class FlushGroup<Connection: Flushable> {
    private static var atOnce: Int { 16 }

    private let eventLoop: any EventLoop
    private var connections: [Connection] = []

    init(_ eventLoop: any EventLoop) { self.eventLoop = eventLoop }

    func add(_ connection: Connection) {
        connections.append(connection)
        if connections.count == Self.atOnce {
            flush()
        } else if connections.count == 1 {
            eventLoop.assumeIsolated().execute { self.flush() }
        }
    }

    private func flush() {
        // Flushing may close a connection, and what follows from that may add others.
        let connections = connections
        self.connections = []
        for connection in connections { connection.flush() }
    }
}
