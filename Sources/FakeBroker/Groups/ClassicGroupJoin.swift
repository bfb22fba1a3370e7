internal import KafkaProtocol
internal import NIOCore
internal import OrderedCollections

/// A member's request to be in the next generation.
struct JoinCall: Sendable {
    var context: RequestContext
    /// Empty for a member that has no id yet.
    var memberID: String
    var instanceID: String?
    var sessionTimeout: Duration
    var rebalanceTimeout: Duration
    var protocolType: String
    var protocols: [GroupProtocol]
    /// The request's version is one in which a new dynamic member must come back with the id it was given (KIP-394).
    var mustKnowMemberID: Bool
    /// The request's version can tell a leader not to assign anew (KIP-814).
    var canSkipAssignment: Bool
    /// The id for the member if it has none.
    var freshMemberID: String
}

extension ClassicGroup {
    /// A member joins, joins again, or comes back.
    mutating func join(_ call: JoinCall, now: Duration) -> [GroupReply] {
        guard hasRoom(for: call) else { return refuse(call, .groupMaxSizeReached) }
        guard supports(call) else { return refuse(call, .inconsistentGroupProtocol) }
        if !call.memberID.isEmpty { return joinKnown(call, now: now) }
        guard let instanceID = call.instanceID else { return joinNewDynamic(call, now: now) }
        if let oldID = staticMembers[instanceID] { return rejoinStatic(call, replacing: oldID, now: now) }
        return add(call, id: call.freshMemberID, now: now)
    }

    private func refuse(_ call: JoinCall, _ error: ErrorCode) -> [GroupReply] {
        [.join(call.context, .failure(error, memberID: call.memberID))]
    }

    /// Whoever was given an id has a place already.
    private func hasRoom(for call: JoinCall) -> Bool {
        if members[call.memberID] != nil || pendingMembers[call.memberID] != nil { return true }
        if let instanceID = call.instanceID, staticMembers[instanceID] != nil { return true }
        return members.count + pendingMembers.count < settings.maxSize
    }

    /// At least one assignor of the member is one that all the others know.
    private func supports(_ call: JoinCall) -> Bool {
        guard !call.protocolType.isEmpty, !call.protocols.isEmpty else { return false }
        guard !members.isEmpty else { return true }
        let common = commonProtocols(besides: call.memberID)
        return protocolType == call.protocolType && call.protocols.contains { common.contains($0.name) }
    }

    /// The assignors that every member offers.
    private func commonProtocols(besides memberID: String = "") -> OrderedSet<String> {
        var common: OrderedSet<String>?
        for member in members.values where member.id != memberID {
            let offered = OrderedSet(member.protocols.map(\.name))
            common = common?.intersection(offered) ?? offered
        }
        return common ?? OrderedSet(members[memberID]?.protocols.map(\.name) ?? [])
    }

    private mutating func joinNewDynamic(_ call: JoinCall, now: Duration) -> [GroupReply] {
        guard call.mustKnowMemberID else { return add(call, id: call.freshMemberID, now: now) }
        pendingMembers[call.freshMemberID] = now + call.sessionTimeout
        return [.join(call.context, .failure(.memberIDRequired, memberID: call.freshMemberID))]
    }

    private mutating func joinKnown(_ call: JoinCall, now: Duration) -> [GroupReply] {
        if pendingMembers[call.memberID] != nil, call.instanceID == nil {
            return add(call, id: call.memberID, now: now)
        }
        let error = check(memberID: call.memberID, instanceID: call.instanceID)
        guard error == .none, let member = members[call.memberID] else { return refuse(call, error) }
        let isUnchanged = member.protocols == call.protocols
        switch state {
        case .empty:
            return refuse(call, .unknownMemberID)
        case .completingRebalance where isUnchanged,
            .stable where isUnchanged && leader != call.memberID:
            // The reply to its join was lost, or it is early: nothing has changed for the others.
            restartSession(call.memberID, now: now)
            return [.join(call.context, currentGeneration(for: call.memberID))]
        case .preparingRebalance, .completingRebalance, .stable:
            var replies: [GroupReply] = []
            update(call, id: call.memberID, now: now, replies: &replies)
            rebalance(now: now, replies: &replies)
            return replies
        }
    }

    /// A static member that was restarted: it takes the place, the assignment and the fencing of its former self.
    private mutating func rejoinStatic(_ call: JoinCall, replacing oldID: String, now: Duration) -> [GroupReply] {
        guard let old = members[oldID] else { return refuse(call, .unknownMemberID) }
        var replies: [GroupReply] = []
        let newID = call.freshMemberID
        let formerLeader = leader
        drop(oldID, replies: &replies, error: .fencedInstanceID)
        var member = newMember(call, id: newID, now: now)
        member.assignment = old.assignment
        member.isNew = old.isNew
        member.hasSynced = old.hasSynced
        insert(member)
        if formerLeader == oldID { leader = newID }

        switch state {
        case .stable where selectProtocol() == protocolName:
            // Nobody else need know: the assignment stays as it is.
            restartSession(newID, now: now)
            var result = currentGeneration(for: newID)
            if call.canSkipAssignment {
                result.skipAssignment = leader == newID
            } else {
                // A leader of an old version would assign anew if it were told that it leads.
                result.leader = formerLeader ?? ""
                result.members = []
            }
            replies.append(.join(call.context, result))
        case .empty:
            replies += refuse(call, .unknownMemberID)
        case .preparingRebalance, .completingRebalance, .stable:
            setWaiting(call.context, id: newID, replies: &replies)
            rebalance(now: now, replies: &replies)
        }
        return replies
    }

    private mutating func add(_ call: JoinCall, id: String, now: Duration) -> [GroupReply] {
        var replies: [GroupReply] = []
        pendingMembers[id] = nil
        if members.isEmpty { protocolType = call.protocolType }
        insert(newMember(call, id: id, now: now))
        if leader == nil { leader = id }
        if case .preparingRebalance(var phase) = state {
            phase.initial?.memberAdded = true
            state = .preparingRebalance(phase)
        }
        setWaiting(call.context, id: id, replies: &replies)
        rebalance(now: now, replies: &replies)
        return replies
    }

    private func newMember(_ call: JoinCall, id: String, now: Duration) -> ClassicGroupMember {
        ClassicGroupMember(
            id: id, instanceID: call.instanceID, clientID: call.context.clientID ?? "",
            clientHost: call.context.clientHost, sessionTimeout: call.sessionTimeout,
            rebalanceTimeout: call.rebalanceTimeout, protocols: call.protocols,
            deadline: now + settings.newMemberJoinTimeout)
    }

    private mutating func insert(_ member: ClassicGroupMember) {
        members[member.id] = member
        if let instanceID = member.instanceID { staticMembers[instanceID] = member.id }
    }

    private mutating func update(_ call: JoinCall, id: String, now: Duration, replies: inout [GroupReply]) {
        members.change(id) { member in
            member.protocols = call.protocols
            member.sessionTimeout = call.sessionTimeout
            member.rebalanceTimeout = call.rebalanceTimeout
            member.clientID = call.context.clientID ?? ""
            member.clientHost = call.context.clientHost
        }
        setWaiting(call.context, id: id, replies: &replies)
    }

    /// A member waits once: a second request takes the place of the first, which is let go.
    private mutating func setWaiting(_ context: RequestContext, id: String, replies: inout [GroupReply]) {
        members.change(id) { member in
            if let former = member.waitingJoin {
                replies.append(.join(former, .failure(.rebalanceInProgress, memberID: id)))
            }
            member.waitingJoin = context
        }
    }

    /// What a member of the present generation is told about it.
    private func currentGeneration(for memberID: String) -> JoinResult {
        JoinResult(
            generation: generation, protocolType: protocolType, protocolName: protocolName, leader: leader ?? "",
            memberID: memberID, members: leader == memberID ? describeMembers() : [])
    }

    private func describeMembers() -> [JoinResult.Member] {
        members.values.map {
            JoinResult.Member(id: $0.id, instanceID: $0.instanceID, metadata: $0.metadata(for: protocolName))
        }
    }
}

// MARK: - From one generation to the next

extension ClassicGroup {
    /// Starts a join phase, or sees whether the one under way is done.
    private mutating func rebalance(now: Duration, replies: inout [GroupReply]) {
        if case .preparingRebalance = state {
            completeJoinPhaseIfAllJoined(now: now, replies: &replies)
        } else {
            prepareRebalance(now: now, replies: &replies)
        }
    }

    mutating func prepareRebalance(now: Duration, replies: inout [GroupReply]) {
        switch state {
        case .preparingRebalance:
            return
        case .completingRebalance:
            for index in members.values.indices {
                members.values[index].assignment = ByteBuffer()
                guard let waiting = members.values[index].waitingSync.take() else { continue }
                members.values[index].restartSession(now: now)
                replies.append(.sync(waiting, .failure(.rebalanceInProgress)))
            }
        case .empty, .stable:
            break
        }
        syncDeadline = nil
        let delay = min(settings.initialRebalanceDelay, rebalanceTimeout)
        if state == .empty, delay > .zero {
            let initial = JoinPhase.Initial(remaining: rebalanceTimeout - delay)
            state = .preparingRebalance(JoinPhase(deadline: now + delay, initial: initial))
        } else {
            state = .preparingRebalance(JoinPhase(deadline: now + rebalanceTimeout))
            completeJoinPhaseIfAllJoined(now: now, replies: &replies)
        }
    }

    private var rebalanceTimeout: Duration {
        members.values.map(\.rebalanceTimeout).max() ?? .zero
    }

    mutating func completeJoinPhaseIfAllJoined(now: Duration, replies: inout [GroupReply]) {
        guard case .preparingRebalance(let phase) = state, phase.initial == nil, pendingMembers.isEmpty,
            members.values.allSatisfy({ $0.waitingJoin != nil })
        else { return }
        completeJoinPhase(now: now, replies: &replies)
    }

    /// The join phase's time is up.
    mutating func endJoinPhase(_ phase: JoinPhase, now: Duration, replies: inout [GroupReply]) {
        if let initial = phase.initial, initial.memberAdded, initial.remaining > .zero {
            // Members still come in: wait a little longer for the next (KIP-134).
            let delay = min(settings.initialRebalanceDelay, initial.remaining)
            let next = JoinPhase.Initial(remaining: initial.remaining - delay)
            state = .preparingRebalance(JoinPhase(deadline: now + delay, initial: next))
            return
        }
        completeJoinPhase(now: now, replies: &replies)
    }

    private mutating func completeJoinPhase(now: Duration, replies: inout [GroupReply]) {
        // Who has not come back is out; a static member keeps its place until its session ends.
        for member in members.values where member.waitingJoin == nil && member.instanceID == nil {
            drop(member.id, replies: &replies)
        }
        if members.isEmpty {
            generation += 1
            protocolName = nil
            state = .empty
            return
        }
        guard electJoinedLeader() else {
            state = .preparingRebalance(JoinPhase(deadline: now + rebalanceTimeout))
            return
        }
        generation += 1
        protocolName = selectProtocol()
        state = .completingRebalance
        syncDeadline = now + rebalanceTimeout
        for index in members.values.indices {
            members.values[index].isNew = false
            members.values[index].hasSynced = false
            members.values[index].restartSession(now: now)
            guard let waiting = members.values[index].waitingJoin.take() else { continue }
            replies.append(.join(waiting, currentGeneration(for: members.keys[index])))
        }
    }

    /// Keeps the leader if it has joined, else takes the first who has. False if nobody has.
    private mutating func electJoinedLeader() -> Bool {
        if let leader, members[leader]?.waitingJoin != nil { return true }
        guard let joined = members.values.first(where: { $0.waitingJoin != nil }) else { return false }
        leader = joined.id
        return true
    }

    /// Each member votes for the assignor it likes best among those that all offer; the first with most votes wins.
    private func selectProtocol() -> String? {
        let common = commonProtocols()
        var votes: OrderedDictionary<String, Int> = [:]
        for member in members.values {
            guard let choice = member.protocols.first(where: { common.contains($0.name) }) else { continue }
            votes[choice.name, default: 0] += 1
        }
        return votes.max { $0.value < $1.value }?.key
    }

    /// A member is gone; the others rebalance.
    mutating func remove(_ memberID: String, now: Duration, replies: inout [GroupReply]) {
        drop(memberID, replies: &replies)
        rebalance(now: now, replies: &replies)
    }

    /// Takes a member out, lets its waiting requests go, and finds another leader if it led.
    mutating func drop(
        _ memberID: String, replies: inout [GroupReply], error: ErrorCode = .unknownMemberID
    ) {
        guard let member = members.removeValue(forKey: memberID) else { return }
        if let instanceID = member.instanceID { staticMembers[instanceID] = nil }
        if let waiting = member.waitingJoin {
            replies.append(.join(waiting, .failure(error, memberID: memberID)))
        }
        if let waiting = member.waitingSync { replies.append(.sync(waiting, .failure(error))) }
        if leader == memberID { leader = members.keys.first }
    }
}
