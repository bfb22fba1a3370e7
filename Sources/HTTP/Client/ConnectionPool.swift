// Decides which connection serves which request. Holds no socket, no clock and no continuation: connections and
// requests are numbers, and every method returns what the driver has to do.
//
// It may never hand one connection to two requests, pass over a waiting request, or keep more connections or waiting
// requests than configured. Idle connections are used last in, first out, so that the spare ones expire.

import DequeModule
import NIOCore

struct ConnectionPool {
    typealias Connection = Int
    typealias Request = UInt64

    /// What a request gets when it asks.
    enum Lease: Equatable {
        case use(Connection)
        /// Waits its turn; where a connection is named, the driver begins to make it.
        case wait(connect: Connection?)
        case refuse
    }

    /// What a connection does next.
    enum Next: Equatable {
        case serve(Request)
        case idle
        case close
    }

    private enum Slot {
        case free
        case connecting
        case idle(since: NIODeadline)
        case busy
    }

    let maximumConnections: Int
    let maximumWaiting: Int

    private var slots: [Slot] = []
    private var freeSlots: [Connection] = []
    /// Idle connections, the longest idle first.
    private var idle: Deque<Connection> = []
    private var waiting: Deque<Request> = []
    private var connecting = 0
    private var isShutDown = false

    init(maximumConnections: Int, maximumWaiting: Int) {
        precondition(maximumConnections > 0 && maximumWaiting >= 0)
        self.maximumConnections = maximumConnections
        self.maximumWaiting = maximumWaiting
    }

    var openConnections: Int { slots.count - freeSlots.count }
    var idleConnections: Int { idle.count }
    var waitingRequests: Int { waiting.count }
    /// Since when the connection that is idle longest has been so.
    var idleLongestSince: NIODeadline? {
        guard let first = idle.first, case .idle(let since) = slots[first] else { return nil }
        return since
    }

    // MARK: Requests

    mutating func lease(for request: Request) -> Lease {
        if isShutDown { return .refuse }
        if waiting.isEmpty, let connection = idle.popLast() {
            slots[connection] = .busy
            return .use(connection)
        }
        // Those for whom a connection is on its way do not count as waiting.
        guard openConnections < maximumConnections || waiting.count - connecting < maximumWaiting else {
            return .refuse
        }
        waiting.append(request)
        return .wait(connect: connectionToMake())
    }

    /// A waiting request gave up.
    mutating func abandon(_ request: Request) {
        if let index = waiting.firstIndex(of: request) { waiting.remove(at: index) }
    }

    // MARK: Connections

    /// A connection was made, or has done its exchange and can take another one.
    mutating func ready(_ connection: Connection, now: NIODeadline) -> Next {
        if case .connecting = slots[connection] { connecting -= 1 }
        if isShutDown {
            // The driver closes it and then reports that it closed.
            slots[connection] = .busy
            return .close
        }
        if let request = waiting.popFirst() {
            slots[connection] = .busy
            return .serve(request)
        }
        slots[connection] = .idle(since: now)
        idle.append(connection)
        return .idle
    }

    /// A connection could not be made. One request fails by it, the one that waited longest; where a connection is
    /// named, the driver tries again for the others.
    mutating func failedToConnect(_ connection: Connection) -> (fails: Request?, connect: Connection?) {
        let request = waiting.popFirst()
        return (request, closed(connection))
    }

    /// A connection ended, in whatever state. Where one is named, the driver makes it for the requests that wait.
    mutating func closed(_ connection: Connection) -> Connection? {
        switch slots[connection] {
        case .free: return nil
        case .connecting: connecting -= 1
        case .idle: idle.removeAll { $0 == connection }
        case .busy: break
        }
        slots[connection] = .free
        freeSlots.append(connection)
        return connectionToMake()
    }

    /// Takes out the connections that have been idle since `time` or earlier, for the driver to close.
    mutating func expireIdle(since time: NIODeadline) -> [Connection] {
        var expired: [Connection] = []
        while let first = idle.first, case .idle(let since) = slots[first], since <= time {
            idle.removeFirst()
            slots[first] = .busy
            expired.append(first)
        }
        return expired
    }

    /// Refuses everything from now on. Returns the requests that waited.
    mutating func shutDown() -> [Request] {
        isShutDown = true
        defer { waiting.removeAll() }
        return Array(waiting)
    }

    /// A slot for a new connection, if a waiting request has none on its way and there may be one more.
    private mutating func connectionToMake() -> Connection? {
        guard !isShutDown, connecting < waiting.count, openConnections < maximumConnections else { return nil }
        connecting += 1
        if let slot = freeSlots.popLast() {
            slots[slot] = .connecting
            return slot
        }
        slots.append(.connecting)
        return slots.count - 1
    }
}
