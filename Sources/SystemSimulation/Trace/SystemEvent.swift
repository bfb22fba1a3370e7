// What happens in the system, small enough to be kept by the hundred for each of millions of runs.

/// One thing that happened. Which numbers it has, and what they mean, its kind says.
struct SystemEvent: Hashable, Sendable {
    enum Kind: UInt8, Sendable, CaseIterable {
        // Producer and brokers
        /// `partition`, `offset`; `detail`: the message's number.
        case produced
        case produceFailed
        /// At the broker: `offset` is the new committed one, `detail` the one before (-1: none); `lane`, `life`: whose.
        case committed

        // A replica's membership
        case assigned, revoked, lost
        /// The connector is handed events by the source: first `offset`, `detail`: how many of this partition.
        case handedOut
        /// At most once: the source says that the event is acknowledged.
        case acknowledged
        /// It refuses it; `detail`: a `RefusalReason`.
        case refused

        // A replica's connector
        case started, crashed, draining, stopped
        /// `detail`: which functions want which topics, as a bit set.
        case mapSynced
        case mapFailed
        case paused, resumed
        case received
        case skipped
        case handled
        case dropped
        case returned
        /// `function`.
        case calling
        /// `detail`: the status.
        case replied
        case failed
        case retrying
        case gaveUp

        // Gateway
        /// A call reaches the gateway.
        case arrived
        /// A function with its subscription; `detail`: topics as a bit set. At the start, and when it changes.
        case deployed
        case removed

        // Faults; `detail`: which.
        case faultBegins, faultEnds
        case healed
        /// All lag is gone; `detail`: 1 if it is, 0 if it is not within the time for it.
        case recovered
    }

    /// Virtual time in nanoseconds.
    var time: Int64 = 0
    var kind: Kind
    /// A replica, or -1.
    var lane: Int16 = -1
    /// Which of the replica's lives.
    var life: Int16 = 0
    var partition: Int16 = -1
    var function: Int16 = -1
    var offset: Int64 = -1
    var detail: Int64 = 0

    init(
        _ kind: Kind, lane: Int = -1, life: Int = 0, partition: Int = -1, function: Int = -1, offset: Int64 = -1,
        detail: Int64 = 0
    ) {
        self.kind = kind
        self.lane = Int16(truncatingIfNeeded: lane)
        self.life = Int16(truncatingIfNeeded: life)
        self.partition = Int16(truncatingIfNeeded: partition)
        self.function = Int16(truncatingIfNeeded: function)
        self.offset = offset
        self.detail = detail
    }
}

/// Why the source would not acknowledge.
enum RefusalReason: Int64, Sendable {
    case revoked, outcomeUnknown, shutdown, other

    init(_ text: String) {
        switch text {
        case "revoked", "illegal-generation", "unknown-member", "fenced": self = .revoked
        case "outcome-unknown": self = .outcomeUnknown
        case "shutdown", "closed": self = .shutdown
        default: self = .other
        }
    }
}
