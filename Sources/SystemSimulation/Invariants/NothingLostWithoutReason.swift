/// (6) Every event that a replica takes comes to one end, an event that is handled was called or given up, and in the
/// end every message is handled, or lost for a reason that is on record.
struct NothingLostWithoutReason: Invariant {
    static let name = InvariantName.nothingLostWithoutReason

    private let run: FinishedRun
    /// How often: at least once a partition may go and come back while an event of it waits for its turn.
    private var inHand: [LifeEventKey: Int] = [:]
    private var called: Set<LifeEventKey> = []
    private var ended: Set<EventKey> = []
    /// With a reason to be lost: in a process that crashed, or a commit whose outcome nobody knows.
    private var excused: Set<EventKey> = []
    private var handedOut: [LifeKey: Set<EventKey>] = [:]
    private var isRecovered = false

    init(_ run: FinishedRun) {
        self.run = run
        called.reserveCapacity(run.messages.count)
        ended.reserveCapacity(run.messages.count)
    }

    mutating func see(_ event: SystemEvent) -> String? {
        let life = LifeKey(event)
        switch event.kind {
        case .handedOut:
            var one = event
            for offset in event.offset..<event.offset + event.detail {
                one.offset = offset
                handedOut[life, default: []].insert(EventKey(one))
            }
        case .received:
            let key = LifeEventKey(event)
            let count = inHand[key, default: 0] + 1
            inHand[key] = count
            if !run.plan.settings.atLeastOnce, count > 1 {
                return "\(TraceText.event(event)) is taken twice by replica \(event.lane)"
            }
        case .calling, .gaveUp: called.insert(LifeEventKey(event))
        case .refused where event.detail == RefusalReason.outcomeUnknown.rawValue: excused.insert(EventKey(event))
        case .handled, .skipped, .dropped, .returned: return end(event)
        case .crashed: excused.formUnion(handedOut[life] ?? [])
        case .stopped:
            if let left = inHand.keys.filter({ $0.life == life }).map(\.event).min() {
                return "replica \(event.lane) stops with p\(left.partition)/\(left.offset) in hand"
            }
        case .recovered: isRecovered = event.detail == 1
        default: break
        }
        return nil
    }

    private mutating func end(_ event: SystemEvent) -> String? {
        let key = LifeEventKey(event)
        guard let count = inHand[key] else {
            return "\(TraceText.event(event)) ends at replica \(event.lane), which does not have it in hand"
        }
        inHand[key] = count > 1 ? count - 1 : nil
        if event.kind == .handled, !called.contains(key) {
            return "\(TraceText.event(event)) counts as handled at replica \(event.lane) without a call"
        }
        let isEnd =
            run.plan.settings.atLeastOnce
            ? event.kind == .handled || event.kind == .skipped : event.kind != .returned
        if isEnd { ended.insert(EventKey(event)) }
        return nil
    }

    mutating func finish() -> String? {
        guard isRecovered else { return nil }
        for key in run.messages.keys.sorted() where !ended.contains(key) {
            // At least once a crash is no reason: the next owner takes it again.
            if !run.plan.settings.atLeastOnce, excused.contains(key) { continue }
            return "p\(key.partition)/\(key.offset) is committed, but nobody handled it and no reason is on record"
        }
        return nil
    }
}
