/// (2) No call for an event after its partition was given back or lost, unless at most once it was this replica that
/// committed it while it held the partition: then the event is nobody else's.
struct NoCallAfterRevocation: Invariant {
    static let name = InvariantName.noCallAfterRevocation

    private let isAtLeastOnce: Bool
    /// The assignment under which a partition is held.
    private var epochs: [LifePartitionKey: Int64] = [:]
    /// The assignment under which an event was handed out.
    private var handedOut: [LifeEventKey: Int64] = [:]
    private var committed: [LifePartitionKey: Int64] = [:]

    init(_ run: FinishedRun) { isAtLeastOnce = run.plan.settings.atLeastOnce }

    mutating func see(_ event: SystemEvent) -> String? {
        switch event.kind {
        case .assigned: epochs[LifePartitionKey(event)] = event.detail
        case .revoked, .lost: epochs[LifePartitionKey(event)] = nil
        case .committed where event.lane >= 0: committed[LifePartitionKey(event)] = event.offset
        case .handedOut where isAtLeastOnce:
            guard let epoch = epochs[LifePartitionKey(event)] else { return nil }
            var one = event
            for offset in event.offset..<event.offset + event.detail {
                one.offset = offset
                handedOut[LifeEventKey(one)] = epoch
            }
        case .calling: return check(event)
        default: break
        }
        return nil
    }

    private func check(_ event: SystemEvent) -> String? {
        if isAtLeastOnce {
            let epoch = epochs[LifePartitionKey(event)]
            guard epoch == nil || epoch != handedOut[LifeEventKey(event)] else { return nil }
            return
                "\(TraceText.what(event)) is called by replica \(event.lane), which holds the partition no more"
        }
        guard committed[LifePartitionKey(event)].map({ $0 <= event.offset }) ?? true else { return nil }
        return "\(TraceText.what(event)) is called by replica \(event.lane), which has not committed it"
    }
}
