internal import KafkaProtocol
internal import NIOCore

/// An assignor that a member offers, and what it tells the leader under it.
struct GroupProtocol: Equatable, Sendable {
    var name: String
    var metadata: ByteBuffer
}

/// One member of a ``ClassicGroup``.
struct ClassicGroupMember: Equatable, Sendable {
    let id: String
    let instanceID: String?
    var clientID: String
    var clientHost: String
    var sessionTimeout: Duration
    var rebalanceTimeout: Duration
    /// In the member's order of preference.
    var protocols: [GroupProtocol]
    var assignment = ByteBuffer()
    /// The join request that waits for the next generation.
    var waitingJoin: RequestContext?
    /// The sync request that waits for the leader's assignment.
    var waitingSync: RequestContext?
    /// Never was in a generation.
    var isNew = true
    /// Has asked for this generation's assignment.
    var hasSynced = true
    /// When the member is given up unless it is heard of.
    var deadline: Duration

    /// A member that waits for the coordinator cannot be blamed for silence, unless it never was in a generation.
    var canExpire: Bool {
        isNew || (waitingJoin == nil && waitingSync == nil)
    }

    mutating func restartSession(now: Duration) {
        deadline = now + sessionTimeout
    }

    func metadata(for protocolName: String?) -> ByteBuffer {
        protocols.first { $0.name == protocolName }?.metadata ?? ByteBuffer()
    }
}
