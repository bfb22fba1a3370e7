internal import KafkaProtocol
internal import NIOCore
internal import OrderedCollections

/// One consumer group of the classic protocol: who is in it, at which generation, and what it waits for.
///
/// A value without I/O: each event is one method that takes the time and returns the replies it lets go, its own
/// and those of members who waited for it. No reply for the event itself means that it waits, as data, until a
/// later event or ``expire(now:)`` at ``nextDeadline``. It never looks into a member's metadata or assignment.
///
/// Source: Kafka's group coordinator, KIP-62 (rebalance timeout), KIP-134 (initial delay), KIP-345 (static members),
/// KIP-394 (member id required), KIP-814 (leader skips the assignment).
struct ClassicGroup: Sendable {
    /// What the group is doing. Kafka's fifth state, Dead, is a group that is no longer there.
    enum State: Sendable, Equatable {
        case empty
        case preparingRebalance(JoinPhase)
        /// Members know the generation; the leader's assignment is awaited.
        case completingRebalance
        case stable
    }

    /// How long members have for joining the next generation.
    struct JoinPhase: Sendable, Equatable {
        var deadline: Duration
        /// Set while a group that was empty waits for more first members, whether or not all have joined.
        var initial: Initial?

        struct Initial: Sendable, Equatable {
            /// How much longer the wait may become in all.
            var remaining: Duration
            var memberAdded = false
        }
    }

    struct Settings: Sendable, Equatable {
        /// Kafka's `group.initial.rebalance.delay.ms`.
        var initialRebalanceDelay: Duration = .zero
        /// Kafka's `group.max.size`.
        var maxSize = Int(Int32.max)
        /// A member that was never in a generation is given up after this long in the join phase.
        var newMemberJoinTimeout: Duration = .seconds(300)
    }

    let id: String
    let settings: Settings
    var state = State.empty
    var generation: Int32 = 0
    var protocolType: String?
    var protocolName: String?
    var leader: String?
    var members: OrderedDictionary<String, ClassicGroupMember> = [:]
    /// Ids that were handed out under KIP-394 and have not joined yet, and until when they may.
    var pendingMembers: OrderedDictionary<String, Duration> = [:]
    /// Until when the members of this generation must have synced; nil once they have.
    var syncDeadline: Duration?
    /// Member ids by static instance id; for look-ups only.
    var staticMembers: [String: String] = [:]

    init(id: String, settings: Settings = Settings()) {
        self.id = id
        self.settings = settings
    }

    /// Kafka's name of what the group is doing.
    var stateName: String {
        switch state {
        case .empty: "Empty"
        case .preparingRebalance: "PreparingRebalance"
        case .completingRebalance: "CompletingRebalance"
        case .stable: "Stable"
        }
    }

    /// Whether a member reads the topic, as far as the group's protocol type lets us look. A consumer whose metadata
    /// cannot be read may read any.
    func isSubscribed(to topic: String) -> Bool {
        guard protocolType == ConsumerProtocol.type else { return false }
        return members.values.contains { member in
            let metadata = member.protocols.first { $0.name == protocolName } ?? member.protocols.first
            return metadata.flatMap { ConsumerProtocol.Subscription($0.metadata) }?.topics.contains(topic) ?? true
        }
    }

    /// In the order in which they joined.
    var memberIDs: [String] { Array(members.keys) }
    var pendingMemberIDs: [String] { Array(pendingMembers.keys) }

    /// When ``expire(now:)`` has something to do, if nothing else happens before.
    var nextDeadline: Duration? {
        var earliest = syncDeadline
        func consider(_ deadline: Duration) {
            earliest = min(earliest ?? deadline, deadline)
        }
        if case .preparingRebalance(let phase) = state { consider(phase.deadline) }
        for deadline in pendingMembers.values { consider(deadline) }
        for member in members.values where member.canExpire { consider(member.deadline) }
        return earliest
    }

    /// Lets go of whoever is late: ids never used, silent members, and those who missed a join or sync phase.
    mutating func expire(now: Duration) -> [GroupReply] {
        var replies: [GroupReply] = []
        pendingMembers.removeAll { $0.value <= now }
        for member in members.values.filter({ $0.canExpire && $0.deadline <= now }) {
            remove(member.id, now: now, replies: &replies)
        }
        if let syncDeadline, syncDeadline <= now {
            self.syncDeadline = nil
            for member in members.values.filter({ !$0.hasSynced }) {
                drop(member.id, replies: &replies)
            }
            prepareRebalance(now: now, replies: &replies)
        }
        if case .preparingRebalance(let phase) = state, phase.deadline <= now {
            endJoinPhase(phase, now: now, replies: &replies)
        } else {
            completeJoinPhaseIfAllJoined(now: now, replies: &replies)
        }
        return replies
    }

    /// A request that names a member: is it one, and is it not fenced by another with its instance id?
    func check(memberID: String, instanceID: String?) -> ErrorCode {
        if let instanceID {
            guard let holder = staticMembers[instanceID] else { return .unknownMemberID }
            guard holder == memberID else { return .fencedInstanceID }
        }
        return members[memberID] == nil ? .unknownMemberID : .none
    }

    mutating func restartSession(_ memberID: String, now: Duration) {
        members.change(memberID) { $0.restartSession(now: now) }
    }
}

/// What a waiting or asking member is told.
enum GroupReply: Equatable, Sendable {
    case join(RequestContext, JoinResult)
    case sync(RequestContext, SyncResult)
}

struct JoinResult: Equatable, Sendable {
    struct Member: Equatable, Sendable {
        var id: String
        var instanceID: String?
        var metadata: ByteBuffer
    }

    var error = ErrorCode.none
    var generation: Int32 = -1
    var protocolType: String?
    var protocolName: String?
    var leader = ""
    var skipAssignment = false
    var memberID: String
    /// Everyone in the generation, told to the leader only.
    var members: [Member] = []

    static func failure(_ error: ErrorCode, memberID: String) -> JoinResult {
        JoinResult(error: error, memberID: memberID)
    }
}

struct SyncResult: Equatable, Sendable {
    var error = ErrorCode.none
    var protocolType: String?
    var protocolName: String?
    var assignment = ByteBuffer()

    static func failure(_ error: ErrorCode) -> SyncResult {
        SyncResult(error: error)
    }
}
