internal import KafkaProtocol
internal import NIOCore
internal import OrderedCollections

// Members that still speak the classic protocol, in a group that has gone over to the other while they stayed.
//
// A join is a heartbeat that tells everything, a sync fetches what that gave; heartbeats only say when to join again.
// They learn nothing of a leader, for the coordinator assigns. Source: KIP-848, "Upgrade to the new protocol".

extension ConsumerGroup {
    var hasOnlyClassicMembers: Bool {
        !members.isEmpty && members.values.allSatisfy { $0.classic != nil }
    }

    mutating func joinClassic(_ call: JoinCall, topics: Topics, now: Duration) -> JoinResult {
        func refuse(_ error: ErrorCode) -> JoinResult { .failure(error, memberID: call.memberID) }
        let holder = call.instanceID.flatMap { staticMembers[$0] }.flatMap { members[$0] }
        guard members[call.memberID] != nil || holder != nil || members.count < settings.maxSize else {
            return refuse(.groupMaxSizeReached)
        }
        guard supports(call), let preferred = call.protocols.first,
            let subscription = ConsumerProtocol.Subscription(preferred.metadata)
        else { return refuse(.inconsistentGroupProtocol) }
        let isUnknown = call.memberID.isEmpty
        if isUnknown, call.instanceID == nil, call.mustKnowMemberID {
            return .failure(.memberIDRequired, memberID: call.freshMemberID)
        }
        let memberID = isUnknown ? call.freshMemberID : call.memberID
        let former: ConsumerGroupMember
        if let holder, isUnknown {
            former = replace(holder, by: memberID)
        } else if call.instanceID != nil, !isUnknown {
            guard let holder else { return refuse(.unknownMemberID) }
            guard holder.id == memberID else { return refuse(.fencedInstanceID) }
            former = holder
        } else {
            former = members[memberID] ?? ConsumerGroupMember(id: memberID)
        }
        let owned = subscription.ownedPartitions.compactMap { owned in
            topics[owned.topic].map { TopicIDPartition(topicID: $0.id, partition: owned.partition) }
        }
        let updated = settle(
            joined(former, call, subscription, now: now), former: former, owned: PartitionSet(owned), topics: topics,
            now: now)
        return JoinResult(
            generation: updated.epoch, protocolType: ConsumerProtocol.type, protocolName: preferred.name,
            memberID: memberID)
    }

    private func joined(
        _ former: ConsumerGroupMember, _ call: JoinCall, _ subscription: ConsumerProtocol.Subscription, now: Duration
    ) -> ConsumerGroupMember {
        var member = former
        member.instanceID = call.instanceID ?? member.instanceID
        member.rack = subscription.rack ?? member.rack
        member.rebalanceTimeout = call.rebalanceTimeout
        member.topicNames = Array(Set(subscription.topics)).sorted()
        member.pattern = ""
        member.assignor = nil
        member.clientID = call.context.clientID ?? ""
        member.clientHost = call.context.clientHost
        member.revocationDeadline = nil
        member.sessionDeadline = now + call.sessionTimeout
        member.classic = ConsumerGroupMember.Classic(
            sessionTimeout: call.sessionTimeout, protocols: call.protocols,
            syncDeadline: now + call.rebalanceTimeout)
        return member
    }

    /// Some assignor of the member is one that all other classic members know, though none of them will assign.
    private func supports(_ call: JoinCall) -> Bool {
        guard call.protocolType == ConsumerProtocol.type else { return false }
        let others = members.values.filter { $0.id != call.memberID }.compactMap(\.classic)
        return call.protocols.contains { offered in
            others.allSatisfy { $0.protocols.contains { $0.name == offered.name } }
        }
    }

    mutating func syncClassic(_ call: SyncCall, topics: Topics, now: Duration) -> SyncResult {
        var error = checkClassic(memberID: call.memberID, instanceID: call.instanceID)
        guard error == .none, var member = members[call.memberID], var classic = member.classic else {
            return .failure(error)
        }
        let agreed = classic.protocols.first?.name
        if call.generation != member.epoch {
            error = .illegalGeneration
        } else if call.protocolType ?? ConsumerProtocol.type != ConsumerProtocol.type
            || call.protocolName ?? agreed != agreed
        {
            error = .inconsistentGroupProtocol
        } else if epoch > member.epoch, member.state != .unrevokedPartitions {
            error = .rebalanceInProgress
            classic.joinDeadline = classic.joinDeadline ?? now + member.rebalanceTimeout
        } else {
            classic.joinDeadline = nil
            classic.syncDeadline = nil
            member.sessionDeadline = now + classic.sessionTimeout
        }
        member.classic = classic
        store(member)
        guard error == .none else { return .failure(error) }
        return SyncResult(
            protocolType: ConsumerProtocol.type, protocolName: agreed,
            assignment: member.classicAssignment(topics))
    }

    mutating func heartbeatClassic(
        memberID: String, instanceID: String?, generation: Int32, now: Duration
    ) -> ErrorCode {
        let error = checkClassic(memberID: memberID, instanceID: instanceID)
        guard error == .none, var member = members[memberID], var classic = member.classic else { return error }
        guard generation == member.epoch else { return .illegalGeneration }
        member.sessionDeadline = now + classic.sessionTimeout
        let mustJoin =
            member.epoch < epoch || member.state == .unrevokedPartitions
            || (member.state == .unreleasedPartitions && !isWaiting(member))
        if mustJoin { classic.joinDeadline = classic.joinDeadline ?? now + member.rebalanceTimeout }
        member.classic = classic
        store(member)
        return mustJoin ? .rebalanceInProgress : .none
    }

    /// A static member may be named by its instance id alone. Members of the other protocol leave by a heartbeat.
    mutating func leaveClassic(memberID: String, instanceID: String?) -> ErrorCode {
        var memberID = memberID
        if let instanceID {
            guard let holder = staticMembers[instanceID] else { return .unknownMemberID }
            guard memberID.isEmpty || holder == memberID else { return .fencedInstanceID }
            memberID = holder
        }
        guard members[memberID]?.classic != nil else { return .unknownMemberID }
        remove(memberID)
        return .none
    }

    private func checkClassic(memberID: String, instanceID: String?) -> ErrorCode {
        if let instanceID {
            guard let holder = staticMembers[instanceID] else { return .unknownMemberID }
            guard holder == memberID else { return .fencedInstanceID }
        }
        return members[memberID]?.classic == nil ? .unknownMemberID : .none
    }
}

extension ConsumerGroupMember {
    /// What it has, as a client of the classic protocol reads it.
    func classicAssignment(_ topics: Topics) -> ByteBuffer {
        let version = (classic?.protocols.first).flatMap { ConsumerProtocol.Subscription($0.metadata) }?.version ?? 0
        let named = assigned.byTopic.compactMap { element in
            topics.name(of: element.topicID).map { (topic: $0, partitions: element.partitions) }
        }
        return ConsumerProtocol.assignment(named, version: version)
    }
}
