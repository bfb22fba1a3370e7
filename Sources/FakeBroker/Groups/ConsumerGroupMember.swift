internal import KafkaProtocol
internal import NIOCore

/// One member of a ``ConsumerGroup``.
struct ConsumerGroupMember: Equatable, Sendable {
    /// Where a member stands on its way to what it shall have.
    enum State: Equatable, Sendable {
        case stable
        /// It has been told to give partitions up, and has not said that it did.
        case unrevokedPartitions
        /// It waits for partitions that others have not given up.
        case unreleasedPartitions
    }

    /// What a member has that speaks the classic protocol.
    struct Classic: Equatable, Sendable {
        var sessionTimeout: Duration
        /// In the member's order of preference.
        var protocols: [GroupProtocol]
        /// Until when it must join again, once it has been told to.
        var joinDeadline: Duration?
        /// Until when it must ask for its assignment, once it has joined.
        var syncDeadline: Duration?
    }

    /// The epoch of a static member that has left for a while.
    static let awayEpoch: Int32 = -2

    let id: String
    var instanceID: String?
    var rack: String?
    var clientID = ""
    var clientHost = ""
    var rebalanceTimeout: Duration = .seconds(300)
    /// In ascending order.
    var topicNames: [String] = []
    /// Empty for none.
    var pattern = ""
    var assignor: Assignor?

    var epoch: Int32 = 0
    /// The epoch before, in which a member still is that missed the last answer.
    var previousEpoch: Int32 = 0
    var state = State.stable
    var assigned = PartitionSet()
    var pendingRevocation = PartitionSet()
    /// What it shall have in the end.
    var target = PartitionSet()

    /// When the member is given up unless it is heard of.
    var sessionDeadline: Duration = .zero
    /// Until when it must have given up what it was told to.
    var revocationDeadline: Duration?
    /// Nil for a member that speaks the consumer protocol.
    var classic: Classic?

    init(id: String) {
        self.id = id
    }

    /// All that nobody else may have.
    var held: PartitionSet { assigned.union(pendingRevocation) }

    var nextDeadline: Duration {
        [revocationDeadline, classic?.joinDeadline, classic?.syncDeadline].compactMap { $0 }
            .reduce(sessionDeadline, min)
    }

    func isReconciled(to epoch: Int32) -> Bool {
        state == .stable && self.epoch == epoch
    }

    /// Takes up an epoch; a member never goes back to one.
    mutating func advance(to epoch: Int32) {
        guard self.epoch != epoch else { return }
        previousEpoch = self.epoch
        self.epoch = epoch
    }
}
