internal import KafkaProtocol
internal import OrderedCollections

/// What a member of a share group reads at one broker, so that its requests need only tell what changes (KIP-932).
struct ShareSession: Sendable {
    struct Key: Hashable, Sendable {
        var group: String
        var memberID: String
        var broker: Int32
    }

    /// The epoch of the next request.
    private(set) var epoch: Int32 = 1
    let connection: ConnectionID
    private(set) var partitions: OrderedSet<TopicIDPartition> = []
    /// Those that must be in the next answer, whether there is anything to tell or not.
    var unanswered: PartitionSet = []

    init(connection: ConnectionID) {
        self.connection = connection
    }

    mutating func add(_ partition: TopicIDPartition) {
        if partitions.append(partition).inserted { unanswered.insert(partition) }
    }

    mutating func forget(_ partition: TopicIDPartition) {
        partitions.remove(partition)
        unanswered.remove(partition)
    }

    mutating func advance() {
        epoch = epoch == .max ? 1 : epoch + 1
    }
}

/// All share sessions of a cluster.
struct ShareSessions: Sendable {
    private var sessions: OrderedDictionary<ShareSession.Key, ShareSession> = [:]

    var count: Int { sessions.count }

    subscript(key: ShareSession.Key) -> ShareSession? {
        _read { yield sessions[key] }
        _modify { yield &sessions[key] }
    }

    func keys(of connection: ConnectionID) -> [ShareSession.Key] {
        sessions.filter { $0.value.connection == connection }.map(\.key)
    }

    mutating func remove(group: String, memberID: String? = nil) {
        sessions.removeAll { $0.key.group == group && (memberID == nil || $0.key.memberID == memberID) }
    }
}
