/// (5) A function is called for a topic only if some map of this replica, within the last rebuild interval and the time
/// of a sync, said that it is annotated so; and every map says what was true while it was asked for.
struct CallsFollowAnnotations: Invariant {
    static let name = InvariantName.callsFollowAnnotations

    /// The longest that namespaces and functions of one listing may take, each with its timeout.
    private static let syncNanoseconds: Int64 = 21_000_000_000

    private let index: SystemIndex
    private let windowNanoseconds: Int64
    private let topics: Int
    /// Bits that are true at the gateway now, and when others ceased to be.
    private var truth: Int64 = 0
    private var endedAt: [Int: Int64] = [:]
    private var maps = ByLife<[(bits: Int64, replacedAt: Int64?)]>([])

    init(_ run: FinishedRun) {
        index = run.index
        topics = run.plan.partitions.count
        // A skewed clock may take half as long again; a second for the sync itself.
        windowNanoseconds = Int64(run.plan.settings.rebuildMilliseconds) * 1_500_000 + 1_000_000_000
    }

    mutating func see(_ event: SystemEvent) -> String? {
        switch event.kind {
        case .deployed, .removed: change(event)
        case .mapSynced: return take(event)
        case .calling: return check(event)
        default: break
        }
        return nil
    }

    private mutating func change(_ event: SystemEvent) {
        let function = Int(event.function)
        for topic in 0..<topics {
            let bit = index.bit(function: function, topic: topic)
            let isOn = event.kind == .deployed && event.detail & (1 << Int64(topic)) != 0
            if isOn {
                truth |= bit
            } else if truth & bit != 0 {
                truth &= ~bit
                endedAt[function * topics + topic] = event.time
            }
        }
    }

    private mutating func take(_ event: SystemEvent) -> String? {
        let life = LifeKey(event)
        var known = maps[life]
        if !known.isEmpty { known[known.count - 1].replacedAt = event.time }
        known.removeAll { $0.replacedAt.map { event.time - $0 > windowNanoseconds } ?? false }
        known.append((event.detail, nil))
        maps[life] = known
        for place in 0..<63 where event.detail & (1 << Int64(place)) != 0 && truth & (1 << Int64(place)) == 0 {
            guard let end = endedAt[place], event.time - end <= Self.syncNanoseconds else {
                return "replica \(event.lane) maps t\(place % topics) to f\(place / topics), which is not so"
            }
        }
        return nil
    }

    private func check(_ event: SystemEvent) -> String? {
        let bit = index.bit(function: Int(event.function), topic: index.topic(of: Int(event.partition)))
        let isMapped = maps[LifeKey(event)].contains { map in
            map.bits & bit != 0 && (map.replacedAt.map { event.time - $0 <= windowNanoseconds } ?? true)
        }
        if isMapped { return nil }
        return "\(TraceText.what(event)) is called by replica \(event.lane), though no map of late has it"
    }
}
