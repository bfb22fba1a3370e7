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
        /// No function wanted them.
        public var unmatched = 0
        /// Every function that wanted them was called.
        public var handled = 0
        /// Given up, by reason.
        public var dropped: [DropReason: Int] = [:]
        /// Calls of functions, and how they ended.
        public var invocations = 0
        public var repliesByStatus: [Int: Int] = [:]
        public var failuresByKind: [InvocationFailure.Kind: Int] = [:]

        public init() {}

        /// Events still in the connector's hands; negative if one was counted twice.
        public var inHand: Int { received - unmatched - handled - dropped.values.reduce(0, +) }

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
            case .unmatched: account.unmatched += 1
            case .handled: account.handled += 1
            case .dropped(_, let reason): account.dropped[reason, default: 0] += 1
            case .invoking: account.invocations += 1
            case .replied(_, _, let reply, _): account.repliesByStatus[reply.status, default: 0] += 1
            case .failed(_, _, let failure, _): account.failuresByKind[failure.kind, default: 0] += 1
            case .mapSynced, .mapFailed, .notice, .draining, .stopped: break
            }
        }
    }
}
