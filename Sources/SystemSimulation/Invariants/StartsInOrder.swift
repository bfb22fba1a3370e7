/// (4) In one lane the first call for an event comes after the first call for every event before it. A lane is a
/// partition in one assignment, or a key within it.
struct StartsInOrder: Invariant {
    static let name = InvariantName.startsInOrder

    private struct Lane: Hashable {
        let partition: LifePartitionKey
        let key: String
    }

    private let ordering: String
    private let run: FinishedRun
    private var last: [Lane: Int64] = [:]

    init(_ run: FinishedRun) {
        self.run = run
        ordering = run.plan.settings.ordering
    }

    mutating func see(_ event: SystemEvent) -> String? {
        switch event.kind {
        case .assigned:
            let partition = LifePartitionKey(event)
            last = last.filter { $0.key.partition != partition }
        case .calling:
            guard let lane = lane(of: event) else { return nil }
            let former = last[lane] ?? -1
            if event.offset < former {
                return
                    "\(TraceText.what(event)) is called by replica \(event.lane) after its lane's event at \(former)"
            }
            last[lane] = event.offset
        default: break
        }
        return nil
    }

    private func lane(of event: SystemEvent) -> Lane? {
        let partition = LifePartitionKey(event)
        switch ordering {
        case "partition": return Lane(partition: partition, key: "")
        case "key":
            guard let number = run.messages[EventKey(event)], let key = run.plan.messages[number].key else {
                return nil
            }
            return Lane(partition: partition, key: key)
        default: return nil
        }
    }
}
