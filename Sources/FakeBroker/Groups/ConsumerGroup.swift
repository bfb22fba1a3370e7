internal import KafkaProtocol
internal import OrderedCollections

/// One consumer group whose assignment the coordinator makes (KIP-848).
///
/// Every change of what members want, or of the topics, begins a new epoch with a new target: what each member shall
/// have. Members go there one by one, by their heartbeats: each first gives up what it shall not have, and gets what
/// is new to it once its former owner has given that up. So no partition has two owners, whatever is lost on the way.
///
/// A value without I/O: each event is a method that takes the time. Members that speak the classic protocol may be
/// among the others (ConsumerGroup+Classic.swift).
///
/// Source: KIP-848, and Kafka's GroupMetadataManager for what it leaves open.
struct ConsumerGroup: Sendable {
    struct Settings: Sendable, Equatable {
        /// Kafka's `group.consumer.session.timeout.ms`.
        var sessionTimeout: Duration = .seconds(45)
        /// Kafka's `group.consumer.heartbeat.interval.ms`.
        var heartbeatInterval: Duration = .seconds(5)
        /// Kafka's `group.consumer.max.size`.
        var maxSize = Int(Int32.max)
    }

    /// What a group knows of a topic that its members want.
    struct TopicFacts: Equatable, Sendable {
        var id: TopicID
        var partitions: Int32
    }

    let id: String
    var settings: Settings
    /// Counts changes of what members want or can have.
    private(set) var epoch: Int32 = 0
    /// The epoch of the members' targets.
    private(set) var assignmentEpoch: Int32 = 0
    private(set) var members: OrderedDictionary<String, ConsumerGroupMember> = [:]
    /// Member ids by static instance id; for look-ups only.
    private(set) var staticMembers: [String: String] = [:]
    /// Who has a partition, or has not yet given it up; for look-ups only.
    private(set) var owners: [TopicIDPartition: String] = [:]
    /// The topics that members want and that exist, by name.
    var subscribedTopics: OrderedDictionary<String, TopicFacts> = [:]
    /// The topics that match each member's pattern, in ascending order; for look-ups only.
    var patternTopics: [String: [String]] = [:]
    /// The names that there were when ``patternTopics`` was made.
    var patternNames: [String] = []

    init(id: String, settings: Settings = Settings()) {
        self.id = id
        self.settings = settings
    }

    /// Takes over a group that was of the classic protocol, with its generation as epoch.
    init(id: String, settings: Settings, epoch: Int32, members: [ConsumerGroupMember]) {
        self.init(id: id, settings: settings)
        self.epoch = epoch
        assignmentEpoch = epoch
        for member in members { store(member) }
    }

    /// In the order in which they joined.
    var memberIDs: [String] { Array(members.keys) }

    func member(_ id: String) -> ConsumerGroupMember? { members[id] }

    /// Kafka's name of what the group is doing.
    var stateName: String {
        if members.isEmpty { return "Empty" }
        if epoch > assignmentEpoch { return "Assigning" }
        return members.values.allSatisfy { $0.isReconciled(to: assignmentEpoch) } ? "Stable" : "Reconciling"
    }

    /// The assignor that most members ask for, by default `uniform`.
    var assignor: Assignor {
        var votes: OrderedDictionary<Assignor, Int> = [:]
        for member in members.values {
            if let choice = member.assignor { votes[choice, default: 0] += 1 }
        }
        return votes.max { $0.value < $1.value }?.key ?? .uniform
    }

    /// When ``expire(now:)`` has something to do, if nothing else happens before.
    var nextDeadline: Duration? {
        members.values.lazy.map(\.nextDeadline).min()
    }

    /// Lets go of members that have fallen silent or hold on to partitions too long.
    mutating func expire(now: Duration) {
        for member in members.values where member.nextDeadline <= now { remove(member.id) }
    }

    /// May this member commit? Kafka's codes for a client that is wrong depend on the protocol it speaks.
    ///
    /// - Parameter knowsEpochs: its version of the request can be told of epochs.
    func checkCommit(memberID: String, epoch: Int32, knowsEpochs: Bool) -> ErrorCode {
        if epoch < 0, members.isEmpty { return .none }
        guard let member = members[memberID] else { return .unknownMemberID }
        if member.classic == nil, !knowsEpochs { return .unsupportedVersion }
        return checkEpoch(epoch, of: member)
    }

    /// May this member ask for offsets? Who names no member may.
    func checkFetch(memberID: String?, epoch: Int32) -> ErrorCode {
        if memberID == nil, epoch < 0 { return .none }
        guard let memberID, let member = members[memberID] else { return .unknownMemberID }
        return checkEpoch(epoch, of: member)
    }

    private func checkEpoch(_ epoch: Int32, of member: ConsumerGroupMember) -> ErrorCode {
        guard epoch != member.epoch else { return .none }
        return member.classic == nil ? .staleMemberEpoch : .illegalGeneration
    }

    // MARK: Changes

    /// Puts a member in its place, and notes what it holds.
    mutating func store(_ member: ConsumerGroupMember) {
        if let old = members[member.id] { release(old.held.subtracting(member.held), of: old.id) }
        for partition in member.held { owners[partition] = member.id }
        if let instanceID = member.instanceID { staticMembers[instanceID] = member.id }
        members[member.id] = member
    }

    private mutating func release(_ partitions: PartitionSet, of memberID: String) {
        for partition in partitions where owners[partition] == memberID { owners[partition] = nil }
    }

    /// Takes a member out without a new epoch: another takes its place.
    mutating func drop(_ memberID: String) {
        guard let member = members.removeValue(forKey: memberID) else { return }
        release(member.held, of: memberID)
        if let instanceID = member.instanceID, staticMembers[instanceID] == memberID { staticMembers[instanceID] = nil }
    }

    /// A member is gone for good: the others share what it had.
    mutating func remove(_ memberID: String) {
        guard members[memberID] != nil else { return }
        drop(memberID)
        epoch += 1
        if members.isEmpty { subscribedTopics = [:] }
    }

    /// Begins a new epoch and gives every member a new target.
    mutating func beginEpoch(isChange: Bool) {
        if isChange { epoch += 1 }
        guard epoch > assignmentEpoch else { return }
        let topics = subscribedTopics.sorted { $0.key < $1.key }
        let list = members.values.map { member in
            Assignor.Member(
                id: member.id, instanceID: member.instanceID,
                topics: Set(topicNames(of: member).compactMap { subscribedTopics[$0]?.id }), target: member.target)
        }
        let targets = assignor.assign(
            topics.map { Assignor.Topic(id: $0.value.id, partitions: $0.value.partitions) }, to: list)
        for (member, target) in zip(list, targets) { members[member.id]?.target = target }
        assignmentEpoch = epoch
    }
}
