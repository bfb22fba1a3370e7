/// (7) A replica that is asked to stop has stopped within the deadline for events in hand and what leaving takes.
struct ShutdownEnds: Invariant {
    static let name = InvariantName.shutdownEnds

    private let limitNanoseconds: Int64
    private var since: [LifeKey: Int64] = [:]

    init(_ run: FinishedRun) {
        // A skewed clock may take half as long again; leaving the group has ten seconds of its own.
        limitNanoseconds = Int64(run.plan.settings.drainMilliseconds) * 1_500_000 + 16_000_000_000
    }

    mutating func see(_ event: SystemEvent) -> String? {
        switch event.kind {
        case .draining: since[LifeKey(event)] = event.time
        case .crashed: since[LifeKey(event)] = nil
        case .stopped:
            guard let start = since.removeValue(forKey: LifeKey(event)) else { return nil }
            if event.time - start > limitNanoseconds {
                return "replica \(event.lane) took \(TraceText.time(event.time - start)) to stop"
            }
        default: break
        }
        return nil
    }

    mutating func finish() -> String? {
        guard let (life, start) = since.min(by: { $0.value < $1.value }) else { return nil }
        return "replica \(life.lane) was asked to stop at \(TraceText.time(start)) and has not"
    }
}
