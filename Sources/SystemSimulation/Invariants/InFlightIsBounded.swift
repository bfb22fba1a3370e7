/// (8) No more events in hand than `max_in_flight`, and of a function no more calls than its annotation allows.
struct InFlightIsBounded: Invariant {
    static let name = InvariantName.inFlightIsBounded

    private struct Gate: Hashable {
        let life: LifeKey
        let function: Int16
    }

    private let maxInFlight: Int
    /// By function.
    private let limits: [Int?]
    private var inHand: [LifeKey: Int] = [:]
    private var calls: [Gate: Int] = [:]

    init(_ run: FinishedRun) {
        maxInFlight = max(1, run.plan.settings.maxInFlight)
        limits = run.plan.functions.map(\.maxInFlight)
    }

    mutating func see(_ event: SystemEvent) -> String? {
        let life = LifeKey(event)
        switch event.kind {
        case .received:
            let count = inHand[life, default: 0] + 1
            inHand[life] = count
            if count > maxInFlight { return "replica \(event.lane) has \(count) events in hand" }
        case .handled, .skipped, .dropped, .returned: inHand[life, default: 0] -= 1
        case .calling:
            let gate = Gate(life: life, function: event.function)
            let count = calls[gate, default: 0] + 1
            calls[gate] = count
            guard event.function >= 0, let limit = limits[Int(event.function)] else { return nil }
            if count > limit {
                return "replica \(event.lane) has \(count) calls of f\(event.function) under way"
            }
        case .replied, .failed: calls[Gate(life: life, function: event.function), default: 0] -= 1
        default: break
        }
        return nil
    }
}
