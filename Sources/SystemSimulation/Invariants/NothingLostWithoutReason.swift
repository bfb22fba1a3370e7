/// (6) Every event that a replica takes comes to one end, an event that is handled was called or given up, and in the
/// end every message is handled, or lost for a reason that is on record.
struct NothingLostWithoutReason: Invariant {
    static let name = InvariantName.nothingLostWithoutReason

    private let run: FinishedRun
    /// How often: at least once a partition may go and come back while an event of it waits for its turn.
    private var inHand = ByLife(ByEvent(0))
    private var called = ByLife(ByEvent(false))
    private var ended = ByEvent(false)
    /// With a reason to be lost: in a process that crashed, or a commit whose outcome nobody knows.
    private var excused = ByEvent(false)
    private var handedOut = ByLife<[EventKey]>([])
    private var isRecovered = false

    init(_ run: FinishedRun) { self.run = run }

    mutating func see(_ event: SystemEvent) -> String? {
        let life = LifeKey(event)
        switch event.kind {
        case .handedOut:
            handedOut[life] += EventKey.handedOut(in: event)
        case .received:
            inHand[life][EventKey(event)] += 1
            if !run.plan.settings.atLeastOnce, inHand[life][EventKey(event)] > 1 {
                return "\(TraceText.event(event)) is taken twice by replica \(event.lane)"
            }
        case .calling, .gaveUp: called[life][EventKey(event)] = true
        case .refused where event.detail == RefusalReason.outcomeUnknown.rawValue: excused[EventKey(event)] = true
        case .handled, .skipped, .dropped, .returned: return end(event)
        case .crashed: for key in handedOut[life] { excused[key] = true }
        case .stopped:
            if let left = inHand[life].first(where: { $1 > 0 }) {
                return "replica \(event.lane) stops with p\(left.partition)/\(left.offset) in hand"
            }
        case .recovered: isRecovered = event.detail == 1
        default: break
        }
        return nil
    }

    private mutating func end(_ event: SystemEvent) -> String? {
        let life = LifeKey(event)
        let key = EventKey(event)
        guard inHand[life][key] > 0 else {
            return "\(TraceText.event(event)) ends at replica \(event.lane), which does not have it in hand"
        }
        inHand[life][key] -= 1
        if event.kind == .handled, !called[life][key] {
            return "\(TraceText.event(event)) counts as handled at replica \(event.lane) without a call"
        }
        let isEnd =
            run.plan.settings.atLeastOnce
            ? event.kind == .handled || event.kind == .skipped : event.kind != .returned
        if isEnd { ended[key] = true }
        return nil
    }

    mutating func finish() -> String? {
        guard isRecovered else { return nil }
        // At least once a crash is no reason: the next owner takes it again.
        let areExcused = !run.plan.settings.atLeastOnce
        let lost = run.messages.first { $1 != nil && !ended[$0] && !(areExcused && excused[$0]) }
        return lost.map {
            "p\($0.partition)/\($0.offset) is committed, but nobody handled it and no reason is on record"
        }
    }
}
