internal import KafkaProtocol
internal import NIOCore

// JoinGroup (key 11): a member enters the next generation of its group. ``ClassicGroup`` decides.

extension Cluster {
    mutating func joinGroup(_ request: JoinGroupRequest, _ context: RequestContext, effects: inout Effects) {
        var error = coordinatorError(request.groupID, broker: context.broker)
        let sessionTimeout = Duration.milliseconds(Int64(request.sessionTimeoutMs))
        if error == .none, !settings.groupSessionTimeouts.contains(sessionTimeout) { error = .invalidSessionTimeout }
        if error == .none { error = makeRoomForClassicMember(request) }
        guard error == .none else {
            let response = JoinGroupResponse(.failure(error, memberID: request.memberID))
            return reply(to: context, .joinGroup(response), error: error, effects: &effects)
        }
        let rebalanceTimeout: Duration =
            request.rebalanceTimeoutMs < 0 ? sessionTimeout : .milliseconds(Int64(request.rebalanceTimeoutMs))
        let call = JoinCall(
            context: context, memberID: request.memberID, instanceID: request.groupInstanceID,
            sessionTimeout: sessionTimeout, rebalanceTimeout: rebalanceTimeout, protocolType: request.protocolType,
            protocols: request.protocols.map { GroupProtocol(name: $0.name, metadata: $0.metadata.compacted()) },
            mustKnowMemberID: context.mustKnowMemberID, canSkipAssignment: context.canSkipAssignment,
            freshMemberID: "\(request.groupInstanceID ?? context.clientID ?? "")-\(random.nextUUIDString())")
        groups.makeIfAbsent(request.groupID)
        var replies = groups[request.groupID]?.join(call, now: now.elapsed) ?? []
        if groups.kind(of: request.groupID) == .consumer,
            let result = groups[consumer: request.groupID]?.joinClassic(call, topics: topics, now: now.elapsed)
        {
            replies.append(.join(context, result))
            downgradeIfDue(request.groupID, rebalances: false, replies: &replies)
        }
        finish(request.groupID, replies, effects: &effects)
    }

    /// A consumer group without members goes back to this protocol by its next member; of any kind, only a member
    /// without an id, new to the group, may bring it into being.
    private mutating func makeRoomForClassicMember(_ request: JoinGroupRequest) -> ErrorCode {
        switch groups.kind(of: request.groupID) {
        case .classic: return .none
        case .consumer:
            guard groups.isEmpty(request.groupID) == true else { return .none }
            guard request.memberID.isEmpty else { return .unknownMemberID }
            groups.put(ClassicGroup(id: request.groupID, settings: groups.settings.classic))
            return .none
        case .share: return .inconsistentGroupProtocol
        case nil: return request.memberID.isEmpty ? .none : .unknownMemberID
        }
    }
}

extension RequestContext {
    /// Version 4 makes a new dynamic member come back with the id it was given (KIP-394).
    fileprivate var mustKnowMemberID: Bool { apiVersion >= 4 }
    /// Version 9 can tell the leader to leave the assignment as it is (KIP-814).
    fileprivate var canSkipAssignment: Bool { apiVersion >= 9 }
}

extension JoinGroupResponse {
    init(_ result: JoinResult) {
        self.init()
        errorCode = result.error
        generationID = result.generation
        protocolType = result.protocolType
        // Null came with version 7.
        protocolName = result.protocolName ?? ""
        leader = result.leader
        skipAssignment = result.skipAssignment
        memberID = result.memberID
        members = result.members.map { member in
            var described = JoinGroupResponseMember()
            described.memberID = member.id
            described.groupInstanceID = member.instanceID
            described.metadata = member.metadata
            return described
        }
    }

    init(refusing request: JoinGroupRequest, with error: ErrorCode) {
        self.init(.failure(error, memberID: request.memberID))
    }
}
