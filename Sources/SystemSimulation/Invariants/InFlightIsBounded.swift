/// (8) No more events in hand than `max_in_flight`, and of a function no more calls than its annotation allows.
struct InFlightIsBounded: Invariant {
    static let name = InvariantName.inFlightIsBounded

    private let maxInFlight: Int
    /// By function.
    private let limits: [Int?]
    private var inHand = ByLife(0)
    /// By function.
    private var calls = ByLife(ByNumber(0))

    init(_ run: FinishedRun) {
        maxInFlight = max(1, run.plan.settings.maxInFlight)
        limits = run.plan.functions.map(\.maxInFlight)
    }

    mutating func see(_ event: SystemEvent) -> String? {
        let life = LifeKey(event)
        switch event.kind {
        case .received:
            inHand[life] += 1
            let count = inHand[life]
            if count > maxInFlight { return "replica \(event.lane) has \(count) events in hand" }
        case .handled, .skipped, .dropped, .returned: inHand[life] -= 1
        case .calling:
            calls[life][event.function] += 1
            guard event.function >= 0, let limit = limits[Int(event.function)] else { return nil }
            let count = calls[life][event.function]
            if count > limit {
                return "replica \(event.lane) has \(count) calls of f\(event.function) under way"
            }
        case .replied, .failed: calls[life][event.function] -= 1
        default: break
        }
        return nil
    }
}
