internal import OrderedCollections

/// All groups of a cluster, in the order of their first member or commit.
struct Groups: Sendable {
    private var byID: OrderedDictionary<String, ClassicGroup> = [:]
    private let settings: ClassicGroup.Settings
    /// The earliest timer set for each group; for look-ups only.
    private var timers: [String: Duration] = [:]

    init(settings: ClassicGroup.Settings) {
        self.settings = settings
    }

    var ids: [String] { Array(byID.keys) }

    subscript(id: String) -> ClassicGroup? {
        _read { yield byID[id] }
        _modify { yield &byID[id] }
    }

    mutating func makeIfAbsent(_ id: String) {
        if byID[id] == nil { byID[id] = ClassicGroup(id: id, settings: settings) }
    }

    /// The deadline for which a group needs a timer; nil if it has an early enough one.
    mutating func deadlineWithoutTimer(_ id: String) -> Duration? {
        guard let deadline = byID[id]?.nextDeadline else { return nil }
        if let earlier = timers[id], earlier <= deadline { return nil }
        timers[id] = deadline
        return deadline
    }

    mutating func timerFired(_ id: String) {
        timers[id] = nil
    }
}
