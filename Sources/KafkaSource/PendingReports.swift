internal import Kafka
internal import Synchronization

/// Where messages wait for their delivery reports, by token; a wait can be given up.
final class PendingReports: Sendable {
    enum Outcome: Sendable {
        /// With the error, if there was one.
        case reported(ErrorCode?)
        case cancelled
    }

    private enum Slot {
        case open
        case waiting(CheckedContinuation<Outcome, Never>)
        case ended(Outcome)
    }

    /// Only looked up.
    private let slots = Mutex((next: UInt(0), byToken: [UInt: Slot]()))

    /// A new token; the report may come from now on.
    func open() -> UInt {
        slots.withLock { slots in
            slots.next += 1
            slots.byToken[slots.next] = .open
            return slots.next
        }
    }

    /// Nothing was sent.
    func forget(_ token: UInt) { slots.withLock { $0.byToken[token] = nil } }

    /// What came first counts; a report that nobody waits for any more is ignored.
    func end(_ token: UInt, _ outcome: Outcome) {
        let waiter = slots.withLock { slots -> CheckedContinuation<Outcome, Never>? in
            switch slots.byToken[token] {
            case nil, .ended: return nil
            case .open:
                slots.byToken[token] = .ended(outcome)
                return nil
            case .waiting(let waiter):
                slots.byToken[token] = nil
                return waiter
            }
        }
        waiter?.resume(returning: outcome)
    }

    /// Waits for the end of an open token. Once for each.
    func outcome(of token: UInt) async -> Outcome {
        await withCheckedContinuation { waiter in
            let ended = slots.withLock { slots -> Outcome? in
                if case .ended(let outcome) = slots.byToken[token] {
                    slots.byToken[token] = nil
                    return outcome
                }
                slots.byToken[token] = .waiting(waiter)
                return nil
            }
            if let ended { waiter.resume(returning: ended) }
        }
    }
}
