internal import HeapModule

/// Deadlines of everything that waits, earliest first, equal ones in the order they were set.
///
/// A timer is never cancelled: its owner finds it stale when it fires. So an owner may set one for an earlier
/// deadline without looking for the later one.
struct Timers: Sendable {
    enum Key: Sendable, Equatable {
        case fetch(ParkedFetches.ID)
        case shareFetch(ShareWaits.ID)
        case group(String)
        case offsetRetention(String)
        case transaction(String)
        case cleanup(TopicPartition)
        case delayedRequest(DelayedRequests.ID)
        case throttledConnection(ConnectionID)
    }

    private struct Entry: Comparable, Sendable {
        let deadline: Duration
        let sequence: UInt64
        let key: Key

        static func < (left: Entry, right: Entry) -> Bool {
            (left.deadline, left.sequence) < (right.deadline, right.sequence)
        }
        static func == (left: Entry, right: Entry) -> Bool {
            left.sequence == right.sequence
        }
    }

    private var entries = Heap<Entry>()
    private var nextSequence: UInt64 = 0

    var nextDeadline: Duration? { entries.min?.deadline }

    mutating func set(_ key: Key, at deadline: Duration) {
        entries.insert(Entry(deadline: deadline, sequence: nextSequence, key: key))
        nextSequence += 1
    }

    /// The next timer due at `now`, taken off.
    mutating func popDue(at now: Duration) -> Key? {
        guard let first = entries.min, first.deadline <= now else { return nil }
        return entries.removeMin().key
    }
}
