/// (1) At most once: per function, topic, partition and offset there is at most one call, over crashes too.
struct AtMostOneCall: Invariant {
    static let name = InvariantName.atMostOneCall

    private struct Call: Hashable {
        let function: Int16
        let event: EventKey
    }

    private let isOn: Bool
    private var called: [Call: LifeKey] = [:]
    private var arrived: Set<Call> = []

    init(_ run: FinishedRun) { isOn = !run.plan.settings.atLeastOnce }

    mutating func see(_ event: SystemEvent) -> String? {
        guard isOn else { return nil }
        let call = Call(function: event.function, event: EventKey(event))
        switch event.kind {
        case .calling:
            if let former = called.updateValue(LifeKey(event), forKey: call) {
                return
                    "\(TraceText.what(event)) is called again, after replica \(former.lane) in its life \(former.life)"
            }
        case .arrived:
            if !arrived.insert(call).inserted { return "\(TraceText.what(event)) reaches the gateway twice" }
        default: break
        }
        return nil
    }
}
