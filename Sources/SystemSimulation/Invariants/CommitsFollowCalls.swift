/// (3) The committed offset never moves back, unless by a replica to which the partition came back: a commit that
/// waited from the earlier assignment on may be heard after its events were read anew. At least once it never passes an
/// event that is not handled; at most once it never lags behind one that is called.
struct CommitsFollowCalls: Invariant {
    static let name = InvariantName.commitsFollowCalls

    private let isAtLeastOnce: Bool
    private var committed = ByNumber<Int64>(0)
    private var committers = ByNumber<LifeKey?>(nil)
    private var assignments = ByLife(ByNumber(0))
    private var handled = ByEvent(false)
    private let messages: ByEvent<Int?>

    init(_ run: FinishedRun) {
        isAtLeastOnce = run.plan.settings.atLeastOnce
        messages = run.messages
    }

    mutating func see(_ event: SystemEvent) -> String? {
        switch event.kind {
        case .handled, .skipped: handled[EventKey(event)] = true
        case .calling where !isAtLeastOnce:
            if committed[event.partition] <= event.offset {
                return "\(TraceText.what(event)) is called, but only what is before "
                    + "\(committed[event.partition]) is committed"
            }
        case .assigned: assignments[LifeKey(event)][event.partition] += 1
        case .committed: return seeCommit(event)
        default: break
        }
        return nil
    }

    private mutating func seeCommit(_ event: SystemEvent) -> String? {
        let former = committed[event.partition]
        committed[event.partition] = event.offset
        let isOwnAnew =
            committers[event.partition] == LifeKey(event) && assignments[LifeKey(event)][event.partition] > 1
        committers[event.partition] = LifeKey(event)
        if event.offset < former {
            if isOwnAnew, !isAtLeastOnce { return nil }
            return "the committed offset of p\(event.partition) moves back from \(former) to \(event.offset)"
        }
        guard isAtLeastOnce else { return nil }
        var passed = event
        for offset in former..<event.offset {
            passed.offset = offset
            let key = EventKey(passed)
            if messages[key] != nil, !handled[key] {
                return "\(event.offset) is committed of p\(event.partition), but the event at \(offset) is not handled"
            }
        }
        return nil
    }
}
