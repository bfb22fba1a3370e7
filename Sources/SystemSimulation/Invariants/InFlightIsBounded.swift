/// (8) No more events in hand than `max_in_flight`, and of a function no more calls than its annotation allows.
struct InFlightIsBounded: Invariant {
    static let name = InvariantName.inFlightIsBounded

    private struct Gate: Hashable {
        let life: LifeKey
        let function: Int16
    }

    private let plan: SystemPlan
    private var inHand: [LifeKey: Int] = [:]
    private var calls: [Gate: Int] = [:]

    init(_ run: FinishedRun) { plan = run.plan }

    mutating func see(_ event: SystemEvent) -> String? {
        let life = LifeKey(event)
        switch event.kind {
        case .received:
            inHand[life, default: 0] += 1
            if inHand[life, default: 0] > max(1, plan.settings.maxInFlight) {
                return "replica \(event.lane) has \(inHand[life, default: 0]) events in hand"
            }
        case .handled, .skipped, .dropped, .returned: inHand[life, default: 0] -= 1
        case .calling:
            let gate = Gate(life: life, function: event.function)
            calls[gate, default: 0] += 1
            guard event.function >= 0, let limit = plan.functions[Int(event.function)].maxInFlight else { return nil }
            if calls[gate, default: 0] > limit {
                return "replica \(event.lane) has \(calls[gate, default: 0]) calls of f\(event.function) under way"
            }
        case .replied, .failed: calls[Gate(life: life, function: event.function), default: 0] -= 1
        default: break
        }
        return nil
    }
}
