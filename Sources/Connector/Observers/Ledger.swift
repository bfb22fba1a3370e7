import Synchronization

/// Counts what became of every event, and tells whether the account balances.
///
/// Safe to read from anywhere while the connector runs.
public final class Ledger: ConnectorObserver {
    /// The account at one moment.
    public struct Account: Equatable, Sendable {
        /// Taken from the source and acknowledged.
        public var received = 0
        /// Taken, but refused by the source before the hand-over; not part of `received`.
        public var refused: [String: Int] = [:]
        /// Not for any function, by reason.
        public var skipped: [SkipReason: Int] = [:]
        /// Every function that wanted them was called, or given up by reason.
        public var handled = 0
        /// Acknowledged and not called for, by reason.
        public var dropped: [DropReason: Int] = [:]
        /// Left unacknowledged, for the source to deliver again.
        public var returned = 0
        /// Calls of functions, and how they ended.
        public var invocations = 0
        public var repliesByStatus: [Int: Int] = [:]
        public var failuresByKind: [InvocationFailure.Kind: Int] = [:]
        /// Functions given up for an event, by reason; those in the dead-letter topic included.
        public var gaveUp: [GiveUpReason: Int] = [:]
        public var deadLettered = 0
        /// Attempts that the dead-letter topic did not take.
        public var deadLetterFailures = 0

        public init() {}

        /// Events still in the connector's hands; negative if one was counted twice.
        public var inHand: Int { received - ends }

        private var ends: Int {
            handled + returned + skipped.values.reduce(0, +) + dropped.values.reduce(0, +)
        }

        /// Calls that have neither a reply nor a failure yet.
        public var inFlight: Int {
            invocations - repliesByStatus.values.reduce(0, +) - failuresByKind.values.reduce(0, +)
        }

        /// Whether every event that was taken has an end, and every call an outcome.
        public var isBalanced: Bool { inHand == 0 && inFlight == 0 }
    }

    private let content = Mutex(Account())

    public init() {}

    public var account: Account { content.withLock { $0 } }

    public func connector(did step: ConnectorStep) {
        content.withLock { account in
            switch step {
            case .received: account.received += 1
            case .refused(let events, let reason): account.refused[reason, default: 0] += events
            case .skipped(_, let reason): account.skipped[reason, default: 0] += 1
            case .returned: account.returned += 1
            case .gaveUp(_, _, let reason): account.gaveUp[reason, default: 0] += 1
            case .deadLettered(_, let reason):
                account.gaveUp[reason, default: 0] += 1
                account.deadLettered += 1
            case .deadLetterFailed: account.deadLetterFailures += 1
            case .handled: account.handled += 1
            case .dropped(_, let reason): account.dropped[reason, default: 0] += 1
            case .invoking: account.invocations += 1
            case .replied(_, _, let reply, _): account.repliesByStatus[reply.status, default: 0] += 1
            case .failed(_, _, let failure, _): account.failuresByKind[failure.kind, default: 0] += 1
            case .mapSynced, .mapFailed, .notice, .paused, .resumed, .starting, .retrying, .draining, .stopped: break
            }
        }
    }
}
