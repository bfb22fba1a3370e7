internal import KafkaProtocol
internal import NIOCore

// SyncGroup (key 14): the leader gives, and every member gets, its assignment. ``ClassicGroup`` decides.

extension Cluster {
    mutating func syncGroup(_ request: SyncGroupRequest, _ context: RequestContext, effects: inout Effects) {
        var error = coordinatorError(request.groupID, broker: context.broker)
        let isConsumerGroup = groups.kind(of: request.groupID) == .consumer
        if error == .none, groups[request.groupID] == nil, !isConsumerGroup { error = .unknownMemberID }
        guard error == .none else {
            let response = SyncGroupResponse(.failure(error))
            return reply(to: context, .syncGroup(response), error: error, effects: &effects)
        }
        let call = SyncCall(
            context: context, memberID: request.memberID, instanceID: request.groupInstanceID,
            generation: request.generationID, protocolType: request.protocolType,
            protocolName: request.protocolName,
            assignments: request.assignments.map { ($0.memberID, $0.assignment.compacted()) })
        var replies = groups[request.groupID]?.sync(call, now: now.elapsed) ?? []
        if isConsumerGroup,
            let result = groups[consumer: request.groupID]?.syncClassic(call, topics: topics, now: now.elapsed)
        {
            replies.append(.sync(context, result))
        }
        finish(request.groupID, replies, effects: &effects)
    }
}

extension SyncGroupResponse {
    init(_ result: SyncResult) {
        self.init()
        errorCode = result.error
        protocolType = result.protocolType
        protocolName = result.protocolName
        assignment = result.assignment
    }
}
