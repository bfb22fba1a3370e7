/// (4) In one lane the first call for an event comes after the first call for every event before it. A lane is a
/// partition in one assignment, or a key within it.
struct StartsInOrder: Invariant {
    static let name = InvariantName.startsInOrder

    private let ordering: String
    private let run: FinishedRun
    /// By the key of each lane, which is empty if the partition is one.
    private var last = ByLife(ByNumber<[String: Int64]>([:]))

    init(_ run: FinishedRun) {
        self.run = run
        ordering = run.plan.settings.ordering
    }

    mutating func see(_ event: SystemEvent) -> String? {
        switch event.kind {
        case .assigned: last[LifeKey(event)][event.partition] = [:]
        case .calling:
            guard let lane = lane(of: event) else { return nil }
            let former = last[LifeKey(event)][event.partition].updateValue(event.offset, forKey: lane) ?? -1
            if event.offset < former {
                return
                    "\(TraceText.what(event)) is called by replica \(event.lane) after its lane's event at \(former)"
            }
        default: break
        }
        return nil
    }

    private func lane(of event: SystemEvent) -> String? {
        switch ordering {
        case "partition": ""
        case "key": run.messages[EventKey(event)].flatMap { run.plan.messages[$0].key }
        default: nil
        }
    }
}
