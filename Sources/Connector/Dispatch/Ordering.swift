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
struct LaneID: Equatable, Sendable {
    /// Of the key; of the topic, where the whole partition is one lane. Two keys with one hash share a lane, which
    /// costs only concurrency. Compared first: names are longer.
    let hash: UInt64
    let partition: SourcePartition

    /// `nil` if the event waits for none.
    init?(of event: Event, ordering: Ordering) {
        partition = event.partition
        switch ordering {
        case .partition:
            var hash = StableHash()
            hash.add(event.topic)
            self.hash = hash.value
        case .key:
            guard let key = event.key else { return nil }
            hash = key.stableHash
        case .none:
            return nil
        }
    }
}
