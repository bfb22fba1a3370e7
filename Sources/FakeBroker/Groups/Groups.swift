internal import KafkaProtocol
internal import OrderedCollections

/// All groups of a cluster, in the order of their first member or commit. An id names one group, of one kind.
struct Groups: Sendable {
    enum Kind: String, Sendable {
        /// Members assign by themselves (JoinGroup), or there are only commits.
        case classic
        /// The coordinator assigns (ConsumerGroupHeartbeat).
        case consumer
        /// Members take single records (ShareGroupHeartbeat).
        case share
    }

    struct Settings: Sendable {
        var classic = ClassicGroup.Settings()
        var consumer = ConsumerGroup.Settings()
        var share = ShareGroup.Settings()
        var sharePartition = SharePartition.Limits()
    }

    let settings: Settings
    private var kinds: OrderedDictionary<String, Kind> = [:]
    /// For look-ups only, here and below.
    private var classic: [String: ClassicGroup] = [:]
    private var consumer: [String: ConsumerGroup] = [:]
    private var share: [String: ShareGroup] = [:]
    /// The earliest timer set for each group.
    private var timers: [String: Duration] = [:]
    /// Since when a group has no members, in milliseconds of the wall clock.
    private var emptySince: [String: Int64] = [:]
    /// Groups that have a timer for the end of their offsets.
    private var retentionTimers: Set<String> = []

    /// Share groups of which something may have changed since somebody asked, if it is noted.
    private(set) var shareChanges: OrderedSet<String> = []
    private var isNoting = false

    init(settings: Settings) {
        self.settings = settings
    }

    mutating func startNoting() {
        isNoting = true
        shareChanges = []
    }

    mutating func takeShareChanges() -> [String] {
        defer { shareChanges = [] }
        return Array(shareChanges)
    }

    private mutating func noteShare(_ id: String) {
        if isNoting { shareChanges.append(id) }
    }

    var ids: [String] { Array(kinds.keys) }

    func exists(_ id: String) -> Bool { kinds[id] != nil }

    func kind(of id: String) -> Kind? { kinds[id] }

    /// Only a classic one; nil for others. Groups come and go by ``makeIfAbsent(_:)`` and its like.
    subscript(id: String) -> ClassicGroup? {
        _read { yield classic[id] }
        _modify { yield &classic[id] }
    }

    subscript(consumer id: String) -> ConsumerGroup? {
        _read { yield consumer[id] }
        _modify { yield &consumer[id] }
    }

    subscript(share id: String) -> ShareGroup? {
        _read { yield share[id] }
        _modify {
            noteShare(id)
            yield &share[id]
        }
    }

    /// Makes a classic group, unless the id is taken.
    mutating func makeIfAbsent(_ id: String) {
        if kinds[id] == nil { put(ClassicGroup(id: id, settings: settings.classic)) }
    }

    // MARK: Of what kind

    /// Takes the place of a group with this id, whatever its kind.
    mutating func put(_ group: ClassicGroup) {
        forget(group.id)
        kinds[group.id] = .classic
        classic[group.id] = group
    }

    mutating func put(_ group: ConsumerGroup) {
        forget(group.id)
        kinds[group.id] = .consumer
        consumer[group.id] = group
    }

    mutating func put(_ group: ShareGroup) {
        guard share[group.id] == nil else { return }
        forget(group.id)
        kinds[group.id] = .share
        self[share: group.id] = group
    }

    mutating func remove(_ id: String) {
        forget(id)
        kinds[id] = nil
        emptySince[id] = nil
    }

    private mutating func forget(_ id: String) {
        classic[id] = nil
        consumer[id] = nil
        if share[id] != nil { self[share: id] = nil }
    }

    // MARK: Of any kind

    func isSubscribed(_ id: String, to topic: String) -> Bool {
        switch kinds[id] {
        case .classic: classic[id]?.isSubscribed(to: topic) ?? false
        case .consumer: consumer[id]?.isSubscribed(to: topic) ?? false
        case .share, nil: false
        }
    }

    /// Nil if there is no such group.
    func isEmpty(_ id: String) -> Bool? {
        switch kinds[id] {
        case .classic: classic[id].map { $0.state == .empty }
        case .consumer: consumer[id].map { $0.members.isEmpty }
        case .share: share[id].map { $0.members.isEmpty }
        case nil: nil
        }
    }

    /// Whether it is or was more than a name to commit under.
    func hadMembers(_ id: String) -> Bool {
        switch kinds[id] {
        case .classic: classic[id]?.protocolType != nil
        case .consumer, .share: true
        case nil: false
        }
    }

    /// A deleted topic takes along what share groups know of it.
    mutating func forget(_ topic: TopicID) {
        for id in kinds.filter({ $0.value == .share }).keys {
            self[share: id]?.partitions.removeAll { $0.key.topicID == topic }
        }
    }

    // MARK: Timers

    /// The deadline for which a group needs a timer; nil if it has an early enough one.
    mutating func deadlineWithoutTimer(_ id: String) -> Duration? {
        let next: Duration? =
            switch kinds[id] {
            case .classic: classic[id]?.nextDeadline
            case .consumer: consumer[id]?.nextDeadline
            case .share: share[id]?.nextDeadline
            case nil: nil
            }
        guard let deadline = next else { return nil }
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
