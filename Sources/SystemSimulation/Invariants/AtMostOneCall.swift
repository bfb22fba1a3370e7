/// (1) At most once: per function, topic, partition and offset there is at most one call, over crashes too.
struct AtMostOneCall: Invariant {
    static let name = InvariantName.atMostOneCall

    private let isOn: Bool
    /// By function, both.
    private var called = ByNumber(ByEvent<LifeKey?>(nil))
    private var arrived = ByNumber(ByEvent(false))

    init(_ run: FinishedRun) { isOn = !run.plan.settings.atLeastOnce }

    mutating func see(_ event: SystemEvent) -> String? {
        guard isOn else { return nil }
        switch event.kind {
        case .calling:
            let former = called[event.function][EventKey(event)]
            called[event.function][EventKey(event)] = LifeKey(event)
            if let former {
                return
                    "\(TraceText.what(event)) is called again, after replica \(former.lane) in its life \(former.life)"
            }
        case .arrived:
            if arrived[event.function][EventKey(event)] { return "\(TraceText.what(event)) reaches the gateway twice" }
            arrived[event.function][EventKey(event)] = true
        default: break
        }
        return nil
    }
}
