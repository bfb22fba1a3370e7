/// (2) No call for an event after its partition was given back or lost, unless at most once it was this replica that
/// committed it while it held the partition: then the event is nobody else's.
struct NoCallAfterRevocation: Invariant {
    static let name = InvariantName.noCallAfterRevocation

    private let isAtLeastOnce: Bool
    /// The assignment under which a partition is held.
    private var epochs = ByLife(ByNumber<Int64?>(nil))
    /// The assignment under which an event was handed out.
    private var handedOut = ByLife(ByEvent<Int64?>(nil))
    private var committed = ByLife(ByNumber<Int64?>(nil))

    init(_ run: FinishedRun) { isAtLeastOnce = run.plan.settings.atLeastOnce }

    mutating func see(_ event: SystemEvent) -> String? {
        switch event.kind {
        case .assigned: epochs[LifeKey(event)][event.partition] = event.detail
        case .revoked, .lost: epochs[LifeKey(event)][event.partition] = nil
        case .committed where event.lane >= 0: committed[LifeKey(event)][event.partition] = event.offset
        case .handedOut where isAtLeastOnce:
            guard let epoch = epochs[LifeKey(event)][event.partition] else { return nil }
            for key in EventKey.handedOut(in: event) { handedOut[LifeKey(event)][key] = epoch }
        case .calling: return check(event)
        default: break
        }
        return nil
    }

    private func check(_ event: SystemEvent) -> String? {
        if isAtLeastOnce {
            let epoch = epochs[LifeKey(event)][event.partition]
            guard epoch == nil || epoch != handedOut[LifeKey(event)][EventKey(event)] else { return nil }
            return
                "\(TraceText.what(event)) is called by replica \(event.lane), which holds the partition no more"
        }
        guard committed[LifeKey(event)][event.partition].map({ $0 <= event.offset }) ?? true else { return nil }
        return "\(TraceText.what(event)) is called by replica \(event.lane), which has not committed it"
    }
}
