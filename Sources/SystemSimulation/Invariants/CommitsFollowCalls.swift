/// (3) The committed offset never moves back, unless by a replica to which the partition came back: a commit that
/// waited from the earlier assignment on may be heard after its events were read anew. At least once it never passes an
/// event that is not handled; at most once it never lags behind one that is called.
struct CommitsFollowCalls: Invariant {
    static let name = InvariantName.commitsFollowCalls

    private let isAtLeastOnce: Bool
    private var committed: [Int16: Int64] = [:]
    private var committers: [Int16: LifeKey] = [:]
    private var assignments: [LifePartitionKey: Int] = [:]
    private var handled: Set<EventKey> = []
    private let messages: [EventKey: Int]

    init(_ run: FinishedRun) {
        isAtLeastOnce = run.plan.settings.atLeastOnce
        messages = run.messages
    }

    mutating func see(_ event: SystemEvent) -> String? {
        switch event.kind {
        case .handled, .skipped: handled.insert(EventKey(event))
        case .calling where !isAtLeastOnce:
            if committed[event.partition, default: 0] <= event.offset {
                return "\(TraceText.what(event)) is called, but only what is before "
                    + "\(committed[event.partition, default: 0]) is committed"
            }
        case .assigned: assignments[LifePartitionKey(event), default: 0] += 1
        case .committed: return seeCommit(event)
        default: break
        }
        return nil
    }

    private mutating func seeCommit(_ event: SystemEvent) -> String? {
        let former = committed.updateValue(event.offset, forKey: event.partition) ?? 0
        let committer = committers.updateValue(LifeKey(event), forKey: event.partition)
        let isOwnAnew = committer == LifeKey(event) && assignments[LifePartitionKey(event), default: 0] > 1
        if event.offset < former {
            if isOwnAnew, !isAtLeastOnce { return nil }
            return "the committed offset of p\(event.partition) moves back from \(former) to \(event.offset)"
        }
        guard isAtLeastOnce else { return nil }
        var passed = event
        for offset in former..<event.offset {
            passed.offset = offset
            let key = EventKey(passed)
            if messages[key] != nil, !handled.contains(key) {
                return "\(event.offset) is committed of p\(event.partition), but the event at \(offset) is not handled"
            }
        }
        return nil
    }
}
