internal import KafkaProtocol

/// Fetches that wait for more bytes than their partitions have.
struct ParkedFetches: Sendable {
    struct ID: Hashable, Sendable {
        let rawValue: UInt64
    }

    struct Parked: Sendable {
        let context: RequestContext
        let request: FetchRequest
        /// The partitions that have it among their ``Partition/waitingFetches``.
        let partitions: [TopicPartition]
        /// How much must be produced to them before it is answered.
        var bytesMissing: Int
    }

    /// For look-ups only.
    private var parked: [ID: Parked] = [:]
    private var nextID: UInt64 = 0

    mutating func insert(_ fetch: Parked) -> ID {
        let id = ID(rawValue: nextID)
        nextID += 1
        parked[id] = fetch
        return id
    }

    subscript(id: ID) -> Parked? { parked[id] }

    mutating func take(_ id: ID) -> Parked? {
        parked.removeValue(forKey: id)
    }

    /// So many bytes have come in. Returns whether they are enough.
    mutating func received(_ bytes: Int, for id: ID) -> Bool {
        guard parked[id] != nil else { return false }
        parked[id]?.bytesMissing -= bytes
        return parked[id].map { $0.bytesMissing <= 0 } ?? false
    }

    /// Of those who wait.
    var connections: [ConnectionID] { Set(parked.values.map(\.context.connection)).sorted() }

    func ids(of connection: ConnectionID) -> [ID] {
        parked.filter { $0.value.context.connection == connection }.map(\.key).sorted { $0.rawValue < $1.rawValue }
    }
}

/// Requests that an interceptor holds back.
struct DelayedRequests: Sendable {
    struct ID: Hashable, Sendable {
        let rawValue: UInt64
    }

    /// For look-ups only.
    private var delayed: [ID: (context: RequestContext, request: Request)] = [:]
    private var nextID: UInt64 = 0

    mutating func insert(_ request: Request, from context: RequestContext) -> ID {
        let id = ID(rawValue: nextID)
        nextID += 1
        delayed[id] = (context, request)
        return id
    }

    mutating func take(_ id: ID) -> (context: RequestContext, request: Request)? {
        delayed.removeValue(forKey: id)
    }

    /// Of those who wait.
    var connections: [ConnectionID] { Set(delayed.values.map(\.context.connection)).sorted() }

    mutating func remove(_ connection: ConnectionID) {
        delayed = delayed.filter { $0.value.context.connection != connection }
    }
}
