import Simulation

/// The trace in words.
enum TraceText {
    /// `12.345678 s`.
    static func time(_ nanoseconds: Int64) -> String {
        let microseconds = nanoseconds / 1000
        let fraction = String(microseconds % 1_000_000)
        return "\(microseconds / 1_000_000).\(String(repeating: "0", count: max(0, 6 - fraction.count)))\(fraction) s"
    }

    /// An event of a partition: `p1/17`.
    static func event(_ event: SystemEvent) -> String { "p\(event.partition)/\(event.offset)" }

    /// A call: `f0 with p1/17`.
    static func what(_ event: SystemEvent) -> String { "f\(event.function) with \(self.event(event))" }

    /// One line of the journal, without its time.
    static func line(_ event: SystemEvent, _ plan: SystemPlan) -> String {
        let who = event.lane < 0 ? "" : "replica \(event.lane).\(event.life) "
        return who + words(event, plan)
    }

    private static func words(_ event: SystemEvent, _ plan: SystemPlan) -> String {
        switch event.kind {
        case .produced: "message \(event.detail) is \(self.event(event))\(record(event, plan))"
        case .produceFailed: "message \(event.detail) was not taken"
        case .committed: "p\(event.partition) is committed up to \(event.offset), from \(event.detail)"
        case .assigned: "is assigned p\(event.partition), epoch \(event.detail)"
        case .revoked: "gives p\(event.partition) back, epoch \(event.detail)"
        case .lost: "loses p\(event.partition), epoch \(event.detail)"
        case .handedOut: "is handed \(event.detail) from \(self.event(event))"
        case .acknowledged: "has \(self.event(event)) acknowledged"
        case .refused: "is refused \(self.event(event)): \(RefusalReason(rawValue: event.detail).map { "\($0)" } ?? "")"
        case .mapSynced: "has its map synced: \(event.detail)"
        case .mapFailed: "gets no listing"
        case .paused, .resumed: "has p\(event.partition) \(event.kind)"
        case .received, .skipped, .handled, .dropped, .returned: "\(event.kind) \(self.event(event))"
        case .calling: "calls \(what(event))"
        case .arrived: "'s call of \(what(event)) reaches the gateway"
        case .replied: "is answered \(event.detail) by \(what(event))"
        case .failed: "gets no reply from \(what(event))"
        case .retrying: "will call \(what(event)) again, after attempt \(event.detail)"
        case .gaveUp: "gives up \(what(event))"
        case .deployed: "f\(event.function) is deployed, for topics \(topics(event.detail))"
        case .removed: "f\(event.function) is removed"
        case .faultBegins, .faultEnds:
            "\(event.kind == .faultBegins ? "FAULT" : "END OF FAULT") \(event.detail): \(fault(event, plan))"
        case .healed: "everything is healed"
        case .recovered: event.detail == 1 ? "lag is gone" : "lag is not gone in time"
        case .started, .crashed, .draining, .stopped: "\(event.kind)"
        }
    }

    private static func record(_ event: SystemEvent, _ plan: SystemPlan) -> String {
        let number = Int(event.detail)
        guard plan.messages.indices.contains(number) else { return "" }
        var source = RecordSource(plan.values)
        let key = plan.messages[number].key.map { "key \($0)" } ?? "no key"
        return ": \(key), \(source.record(of: plan.messages[number]).valueText)"
    }

    private static func topics(_ bits: Int64) -> String {
        "\((0..<62).filter { bits & (1 << Int64($0)) != 0 }.map { "t\($0)" })"
    }

    private static func fault(_ event: SystemEvent, _ plan: SystemPlan) -> String {
        let number = Int(event.detail)
        return plan.faults.indices.contains(number) ? "\(plan.faults[number].fault)" : ""
    }
}
