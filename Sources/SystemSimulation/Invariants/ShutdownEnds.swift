/// (7) A replica that is asked to stop has stopped within the deadline for events in hand and what leaving takes.
struct ShutdownEnds: Invariant {
    static let name = InvariantName.shutdownEnds

    private let limitNanoseconds: Int64
    private var since = ByLife<Int64?>(nil)

    init(_ run: FinishedRun) {
        // A skewed clock may take half as long again; leaving the group has ten seconds of its own.
        limitNanoseconds = Int64(run.plan.settings.drainMilliseconds) * 1_500_000 + 16_000_000_000
    }

    mutating func see(_ event: SystemEvent) -> String? {
        switch event.kind {
        case .draining: since[LifeKey(event)] = event.time
        case .crashed: since[LifeKey(event)] = nil
        case .stopped:
            guard let start = since[LifeKey(event)].take() else { return nil }
            if event.time - start > limitNanoseconds {
                return "replica \(event.lane) took \(TraceText.time(event.time - start)) to stop"
            }
        default: break
        }
        return nil
    }

    mutating func finish() -> String? {
        let late = since.all.compactMap { life, start in start.map { (life: life, start: $0) } }
        guard let (life, start) = late.min(by: { $0.start < $1.start }) else { return nil }
        return "replica \(life.lane) was asked to stop at \(TraceText.time(start)) and has not"
    }
}
