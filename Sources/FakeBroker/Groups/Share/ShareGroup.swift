internal import KafkaProtocol
internal import OrderedCollections

/// One share group: members that take single records of the same partitions (KIP-932).
///
/// Members are assigned partitions, more than one member to a partition if need be; who gets which record is decided
/// by ``SharePartition``. A value without I/O: each event is a method that takes the time.
///
/// Source: KIP-932, and Kafka's GroupMetadataManager for what it leaves open.
struct ShareGroup: Sendable {
    struct Settings: Sendable, Equatable {
        /// Kafka's `group.share.session.timeout.ms`.
        var sessionTimeout: Duration = .seconds(45)
        /// Kafka's `group.share.heartbeat.interval.ms`.
        var heartbeatInterval: Duration = .seconds(5)
        /// Kafka's `group.share.max.size`.
        var maxSize = 200
    }

    struct Member: Equatable, Sendable {
        let id: String
        var rack: String?
        var clientID = ""
        var clientHost = ""
        /// In ascending order.
        var topicNames: [String] = []
        var epoch: Int32 = 0
        /// The epoch before, in which a member still is that missed the last answer.
        var previousEpoch: Int32 = 0
        var assigned = PartitionSet()
        /// When the member is given up unless it is heard of.
        var deadline: Duration = .zero
    }

    let id: String
    var settings: Settings
    private(set) var epoch: Int32 = 0
    private(set) var members: OrderedDictionary<String, Member> = [:]
    /// The state of each partition's records; it stays when members go.
    var partitions: OrderedDictionary<TopicIDPartition, SharePartition> = [:]
    private var subscribedTopics: OrderedDictionary<String, ConsumerGroup.TopicFacts> = [:]

    init(id: String, settings: Settings = Settings()) {
        self.id = id
        self.settings = settings
    }

    /// In the order in which they joined.
    var memberIDs: [String] { Array(members.keys) }

    /// From where on the group has not done with records of a partition; nil if it does not know it.
    func startOffset(of partition: TopicIDPartition) -> Int64? { partitions[partition]?.startOffset }

    /// Kafka's name of what the group is doing.
    var stateName: String { members.isEmpty ? "Empty" : "Stable" }

    /// When a member or a lock has something to expire, if nothing else happens before.
    var nextDeadline: Duration? {
        let sessions = members.values.lazy.map(\.deadline).min()
        let locks = partitions.values.lazy.compactMap(\.earliestLock).min()
        guard let sessions, let locks else { return sessions ?? locks }
        return min(sessions, locks)
    }

    /// Lets go of silent members. Returns their ids.
    mutating func expireMembers(now: Duration) -> [String] {
        let silent = members.values.filter { $0.deadline <= now }.map(\.id)
        for id in silent { remove(id) }
        return silent
    }

    mutating func remove(_ memberID: String) {
        guard members.removeValue(forKey: memberID) != nil else { return }
        epoch += 1
        assign()
    }

    // MARK: Heartbeats

    struct Heartbeat: Sendable {
        var memberID: String
        /// 0 to join, -1 to leave.
        var epoch: Int32
        var rack: String?
        /// Nil where the member does not say it again.
        var topicNames: [String]?
        var clientID = ""
        var clientHost = ""
    }

    /// A member joins, tells what has changed, or shows that it is there.
    mutating func heartbeat(_ call: Heartbeat, topics: Topics, now: Duration) -> ConsumerHeartbeatResult {
        let former = members[call.memberID]
        if let former {
            guard [0, former.epoch, former.previousEpoch].contains(call.epoch) else {
                return .failure(
                    .fencedMemberEpoch, "The member is at epoch \(former.epoch), not \(call.epoch); it must rejoin.")
            }
        } else {
            guard call.epoch == 0 else {
                return .failure(.unknownMemberID, "'\(call.memberID)' is not a member of group '\(id)'.")
            }
            guard members.count < settings.maxSize else {
                return .failure(
                    .groupMaxSizeReached, "The group has \(members.count) members, which is its limit.")
            }
        }
        var member = former ?? Member(id: call.memberID)
        member.rack = call.rack ?? member.rack
        member.topicNames = call.topicNames.map { Array(Set($0)).sorted() } ?? member.topicNames
        member.clientID = call.clientID
        member.clientHost = call.clientHost
        member.deadline = now + settings.sessionTimeout
        members[member.id] = member
        let hasChangedTopics = refreshTopics(topics)
        if hasChangedTopics || former?.topicNames != member.topicNames {
            epoch += 1
            assign()
        }
        var updated = members[member.id] ?? member
        if updated.epoch != epoch {
            updated.previousEpoch = updated.epoch
            updated.epoch = epoch
            members[member.id] = updated
        }
        var result = ConsumerHeartbeatResult(memberID: updated.id, epoch: updated.epoch)
        // What a member was assigned since its last heartbeat shows in its epoch.
        if call.epoch == 0 || call.epoch != updated.epoch { result.assignment = updated.assigned }
        return result
    }

    mutating func leave(_ memberID: String) -> ConsumerHeartbeatResult {
        guard members[memberID] != nil else {
            return .failure(.unknownMemberID, "'\(memberID)' is not a member of group '\(id)'.")
        }
        remove(memberID)
        return ConsumerHeartbeatResult(memberID: memberID, epoch: -1)
    }

    // MARK: Assignment

    private mutating func refreshTopics(_ topics: Topics) -> Bool {
        var facts: OrderedDictionary<String, ConsumerGroup.TopicFacts> = [:]
        for name in members.values.flatMap(\.topicNames) where facts[name] == nil {
            guard let topic = topics[name] else { continue }
            facts[name] = ConsumerGroup.TopicFacts(id: topic.id, partitions: Int32(topic.partitions.count))
        }
        let isChange =
            facts.count != subscribedTopics.count || facts.contains { subscribedTopics[$0.key] != $0.value }
        subscribedTopics = facts
        return isChange
    }

    private mutating func assign() {
        let topics = subscribedTopics.sorted { $0.key < $1.key }.map {
            Assignor.Topic(id: $0.value.id, partitions: $0.value.partitions)
        }
        let wanted = members.values.map { Set($0.topicNames.compactMap { subscribedTopics[$0]?.id }) }
        let assignments = SimpleAssignor.assign(topics, to: wanted)
        for (id, assignment) in zip(memberIDs, assignments) { members[id]?.assigned = assignment }
    }
}
