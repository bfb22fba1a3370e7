internal import KafkaProtocol
internal import OrderedCollections

/// A share fetch that waits, and what it has to tell besides records.
struct ShareFetchWait: Sendable {
    var key: ShareSession.Key
    var maxBytes: Int
    var maxRecords: Int
    /// Acquired neighbours are told in runs of so many at most; 0 for any.
    var batchSize: Int
    var deadline: Duration
    var acknowledged: OrderedDictionary<TopicIDPartition, ErrorCode>
}

/// Share fetches that wait for records, in the order in which they came.
struct ShareWaits: Sendable {
    struct ID: Hashable, Sendable {
        let rawValue: UInt64
    }

    struct Waiting: Sendable {
        let context: RequestContext
        let fetch: ShareFetchWait
    }

    private var waiting: OrderedDictionary<ID, Waiting> = [:]
    private var nextID: UInt64 = 0

    subscript(id: ID) -> Waiting? { waiting[id] }

    mutating func insert(_ fetch: ShareFetchWait, from context: RequestContext) -> ID {
        let id = ID(rawValue: nextID)
        nextID += 1
        waiting[id] = Waiting(context: context, fetch: fetch)
        return id
    }

    mutating func remove(_ id: ID) {
        waiting[id] = nil
    }

    mutating func remove(_ connection: ConnectionID) {
        waiting.removeAll { $0.value.context.connection == connection }
    }

    /// - Parameter group: nil for all groups.
    func ids(of group: String?) -> [ID] {
        guard let group else { return Array(waiting.keys) }
        return waiting.filter { $0.value.fetch.key.group == group }.map(\.key)
    }
}
