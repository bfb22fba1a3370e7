internal import OrderedCollections

/// All groups of a cluster, in the order of their first member or commit.
struct Groups: Sendable {
    private var byID: OrderedDictionary<String, ClassicGroup> = [:]
    private let settings: ClassicGroup.Settings
    /// The earliest timer set for each group; for look-ups only.
    private var timers: [String: Duration] = [:]
    /// Since when a group has no members, in milliseconds of the wall clock; for look-ups only.
    private var emptySince: [String: Int64] = [:]
    /// Groups that have a timer for the end of their offsets; for look-ups only.
    private var retentionTimers: Set<String> = []

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

    mutating func remove(_ id: String) {
        byID[id] = nil
        emptySince[id] = nil
    }

    func exists(_ id: String) -> Bool { byID[id] != nil }

    func isSubscribed(_ id: String, to topic: String) -> Bool {
        byID[id]?.isSubscribed(to: topic) ?? false
    }

    /// Nil if there is no such group.
    func isEmpty(_ id: String) -> Bool? {
        byID[id].map { $0.state == .empty }
    }

    // MARK: Timers

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

    // MARK: Retention

    /// Since when the group has been empty, as far as it was looked at; nil while it is not.
    mutating func emptySince(_ id: String, now wallMilliseconds: Int64) -> Int64? {
        guard isEmpty(id) == true else {
            emptySince[id] = nil
            return nil
        }
        let since = emptySince[id] ?? wallMilliseconds
        emptySince[id] = since
        return since
    }

    /// Returns whether it needed one.
    mutating func claimRetentionTimer(_ id: String) -> Bool {
        retentionTimers.insert(id).inserted
    }

    mutating func retentionTimerFired(_ id: String) {
        retentionTimers.remove(id)
    }
}
