/// Which events wait for one another.
public enum Ordering: String, CaseIterable, Sendable {
    /// Events of one partition are handled one after the other. The default.
    case partition
    /// Events of one partition with equal keys are handled one after the other; an event without a key waits for none.
    case key
    /// Every event is handled as soon as there is room.
    case none
}

/// The line in which an event waits for those before it.
struct LaneID: Hashable, Sendable {
    let partition: SourcePartition
    /// 0 where the whole partition is one lane. Two keys with one hash share a lane, which costs only concurrency.
    let keyHash: UInt64

    /// `nil` if the event waits for none.
    init?(of event: Event, ordering: Ordering) {
        partition = event.partition
        switch ordering {
        case .partition:
            keyHash = 0
        case .key:
            guard let key = event.key else { return nil }
            keyHash = key.stableHash
        case .none:
            return nil
        }
    }
}
