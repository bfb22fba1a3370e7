/// (9) After all is healed, every message is committed and nothing is in anybody's hands, in bounded time.
struct LagGoesAway: Invariant {
    static let name = InvariantName.lagGoesAway

    private let run: FinishedRun
    private var committed = ByNumber<Int64>(0)
    private var taken = ByLife(0)

    init(_ run: FinishedRun) { self.run = run }

    mutating func see(_ event: SystemEvent) -> String? {
        switch event.kind {
        case .committed: committed[event.partition] = event.offset
        case .received: taken[LifeKey(event)] += 1
        case .handled, .skipped, .dropped, .returned: taken[LifeKey(event)] -= 1
        case .crashed: taken[LifeKey(event)] = 0
        case .recovered where event.detail == 0: return problem
        default: break
        }
        return nil
    }

    private var problem: String {
        let limit = run.plan.settings.recoveryMilliseconds
        if let key = run.messages.first(where: { $1 != nil && committed[$0.partition] <= $0.offset }) {
            return "after \(limit) ms p\(key.partition)/\(key.offset) is not committed"
        }
        if let (life, count) = taken.all.filter({ $0.value > 0 }).min(by: { $0.life.lane < $1.life.lane }) {
            return "after \(limit) ms replica \(life.lane) still has \(count) events in hand"
        }
        return "after \(limit) ms a message is not acknowledged to its producer"
    }
}
