internal import KafkaProtocol
internal import OrderedCollections

/// A member's heartbeat, by which it joins, tells, learns and leaves.
struct ConsumerHeartbeat: Sendable {
    var memberID: String
    /// 0 to join, -1 to leave, -2 to leave for a while.
    var epoch: Int32
    var instanceID: String?
    var rack: String?
    /// Nil where the member does not say it again, here and below.
    var rebalanceTimeout: Duration?
    var topicNames: [String]?
    var pattern: String?
    var assignor: Assignor?
    var owned: PartitionSet?
    var clientID = ""
    var clientHost = ""

    static let join: Int32 = 0
    static let leave: Int32 = -1
    static let leaveForAWhile: Int32 = -2

    /// It tells everything, as a member does that is not sure of what it was told.
    var isFull: Bool {
        epoch == Self.join || (rebalanceTimeout != nil && (topicNames != nil || pattern != nil) && owned != nil)
    }
}

/// What a member is told.
struct ConsumerHeartbeatResult: Equatable, Sendable {
    var error = ErrorCode.none
    var message: String?
    var memberID: String?
    var epoch: Int32 = 0
    /// Nil: nothing has changed.
    var assignment: PartitionSet?

    static func failure(_ error: ErrorCode, _ message: String) -> ConsumerHeartbeatResult {
        ConsumerHeartbeatResult(error: error, message: message)
    }
}

/// Why a member is refused.
struct ConsumerGroupRefusal: Error {
    var code: ErrorCode
    var message: String
}

extension ConsumerGroup {
    /// A member joins, tells what has changed, or shows that it is there.
    mutating func heartbeat(
        _ call: ConsumerHeartbeat, topics: Topics, now: Duration
    ) -> ConsumerHeartbeatResult {
        let former: ConsumerGroupMember
        do throws(ConsumerGroupRefusal) {
            if let instanceID = call.instanceID {
                former = try staticMember(instanceID, call)
            } else {
                former = try dynamicMember(call)
            }
        } catch {
            return .failure(error.code, error.message)
        }
        var member = former
        member.instanceID = call.instanceID ?? member.instanceID
        member.rack = call.rack ?? member.rack
        member.rebalanceTimeout = call.rebalanceTimeout ?? member.rebalanceTimeout
        member.topicNames = call.topicNames.map { Array(Set($0)).sorted() } ?? member.topicNames
        member.pattern = call.pattern ?? member.pattern
        member.assignor = call.assignor ?? member.assignor
        member.clientID = call.clientID
        member.clientHost = call.clientHost
        // A member that came back by this protocol has left the other behind.
        member.classic = nil
        member.sessionDeadline = now + settings.sessionTimeout
        let updated = settle(member, former: former, owned: call.owned, topics: topics, now: now)
        var result = ConsumerHeartbeatResult(memberID: updated.id, epoch: updated.epoch)
        if call.isFull || updated.assigned != former.assigned { result.assignment = updated.assigned }
        return result
    }

    /// Takes in what a member wants now, begins a new epoch if that is a change, and takes it towards its target.
    mutating func settle(
        _ member: ConsumerGroupMember, former: ConsumerGroupMember, owned: PartitionSet?, topics: Topics, now: Duration
    ) -> ConsumerGroupMember {
        let isNew = members[member.id] == nil
        let isChange =
            isNew || member.topicNames != former.topicNames || member.pattern != former.pattern
            || member.assignor != former.assignor
        store(member)
        let hasChangedTopics = refreshTopics(topics)
        beginEpoch(isChange: isChange || hasChangedTopics)
        let updated = reconciled(members[member.id] ?? member, owned: owned, now: now)
        store(updated)
        return updated
    }

    // MARK: Who is it

    private func dynamicMember(_ call: ConsumerHeartbeat) throws(ConsumerGroupRefusal) -> ConsumerGroupMember {
        if let member = members[call.memberID] {
            try checkEpoch(call, of: member)
            return member
        }
        guard call.epoch == ConsumerHeartbeat.join else { throw unknown(call.memberID) }
        try checkRoom()
        return ConsumerGroupMember(id: call.memberID)
    }

    private mutating func staticMember(
        _ instanceID: String, _ call: ConsumerHeartbeat
    ) throws(ConsumerGroupRefusal) -> ConsumerGroupMember {
        guard let holder = staticMembers[instanceID].flatMap({ members[$0] }) else {
            guard call.epoch == ConsumerHeartbeat.join else { throw unknown(call.memberID) }
            if let member = members[call.memberID] { return member }
            try checkRoom()
            return ConsumerGroupMember(id: call.memberID)
        }
        guard call.epoch == ConsumerHeartbeat.join else {
            guard holder.id == call.memberID else { throw fenced(call.memberID, by: holder.id, instanceID) }
            try checkEpoch(call, of: holder)
            return holder
        }
        let isAway = holder.epoch == ConsumerGroupMember.awayEpoch
        // A restarted member with the id that it had is itself.
        guard isAway || holder.classic != nil || holder.id == call.memberID else {
            throw ConsumerGroupRefusal(
                code: .unreleasedInstanceID, message: "Member '\(holder.id)' has the instance id '\(instanceID)'.")
        }
        return replace(holder, by: call.memberID)
    }

    /// A static member comes back, maybe with another id, to what its former self had.
    mutating func replace(_ former: ConsumerGroupMember, by memberID: String) -> ConsumerGroupMember {
        var member = ConsumerGroupMember(id: memberID)
        member.instanceID = former.instanceID
        member.rack = former.rack
        member.rebalanceTimeout = former.rebalanceTimeout
        member.topicNames = former.topicNames
        member.pattern = former.pattern
        member.assignor = former.assignor
        member.assigned = former.assigned
        member.target = former.target
        member.sessionDeadline = former.sessionDeadline
        drop(former.id)
        store(member)
        return member
    }

    private func checkRoom() throws(ConsumerGroupRefusal) {
        guard members.count < settings.maxSize else {
            throw ConsumerGroupRefusal(
                code: .groupMaxSizeReached, message: "The group has \(members.count) members, which is its limit.")
        }
    }

    /// A member may be one answer behind, if it has no more than it should. One that begins anew may always.
    private func checkEpoch(
        _ call: ConsumerHeartbeat, of member: ConsumerGroupMember
    ) throws(ConsumerGroupRefusal) {
        if call.epoch == member.epoch || call.epoch == ConsumerHeartbeat.join { return }
        let isOneBehind = call.epoch == member.previousEpoch && call.epoch < member.epoch
        if isOneBehind, let owned = call.owned, owned.isSubset(of: member.assigned) { return }
        throw ConsumerGroupRefusal(
            code: .fencedMemberEpoch,
            message: "The member is at epoch \(member.epoch), not \(call.epoch); it must rejoin without partitions.")
    }

    private func unknown(_ memberID: String) -> ConsumerGroupRefusal {
        ConsumerGroupRefusal(code: .unknownMemberID, message: "'\(memberID)' is not a member of group '\(id)'.")
    }

    private func fenced(_ memberID: String, by holder: String, _ instanceID: String) -> ConsumerGroupRefusal {
        ConsumerGroupRefusal(
            code: .fencedInstanceID,
            message: "Member '\(memberID)' is fenced: '\(holder)' has the instance id '\(instanceID)'.")
    }

    // MARK: Leaving

    /// A member goes, a static one maybe for a while: then its partitions wait for it until its session ends.
    mutating func leave(_ call: ConsumerHeartbeat) -> ConsumerHeartbeatResult {
        var memberID = call.memberID
        if let instanceID = call.instanceID {
            guard let holder = staticMembers[instanceID] else {
                let refusal = unknown(memberID)
                return .failure(refusal.code, refusal.message)
            }
            guard holder == memberID else {
                let refusal = fenced(memberID, by: holder, instanceID)
                return .failure(refusal.code, refusal.message)
            }
            memberID = holder
        }
        guard var member = members[memberID] else {
            let refusal = unknown(memberID)
            return .failure(refusal.code, refusal.message)
        }
        if call.epoch == ConsumerHeartbeat.leaveForAWhile, call.instanceID != nil {
            member.previousEpoch = member.epoch
            member.epoch = ConsumerGroupMember.awayEpoch
            member.pendingRevocation = []
            member.revocationDeadline = nil
            member.state = .stable
            store(member)
        } else {
            remove(memberID)
        }
        return ConsumerHeartbeatResult(memberID: memberID, epoch: call.epoch)
    }
}
