internal import KafkaProtocol

// LeaveGroup (key 13): members go, or an administrator makes them.
//
// To version 2 one member, whose error is the request's; from version 3 a list with an error each (KIP-345).

extension Cluster {
    mutating func leaveGroup(_ request: LeaveGroupRequest, _ context: RequestContext, effects: inout Effects) {
        var response = LeaveGroupResponse()
        response.errorCode = coordinatorError(request.groupID, broker: context.broker)
        guard response.errorCode == .none else {
            return reply(to: context, .leaveGroup(response), error: response.errorCode, effects: &effects)
        }
        var replies: [GroupReply] = []
        var firstError = ErrorCode.none
        var leaving = request.members
        if !context.namesLeavingMembersInList {
            var only = LeaveGroupRequest.MemberIdentity()
            only.memberID = request.memberID
            leaving = [only]
        }
        for member in leaving {
            var answer = LeaveGroupResponse.MemberResponse()
            answer.memberID = member.memberID
            answer.groupInstanceID = member.groupInstanceID
            answer.errorCode =
                groups[request.groupID]?.leave(
                    memberID: member.memberID, instanceID: member.groupInstanceID, now: now.elapsed,
                    replies: &replies)
                ?? groups[consumer: request.groupID]?.leaveClassic(
                    memberID: member.memberID, instanceID: member.groupInstanceID)
                ?? .unknownMemberID
            if firstError == .none { firstError = answer.errorCode }
            response.members.append(answer)
        }
        if !context.namesLeavingMembersInList { response.errorCode = firstError }
        reply(to: context, .leaveGroup(response), error: firstError, effects: &effects)
        finish(request.groupID, replies, effects: &effects)
    }
}

extension RequestContext {
    fileprivate var namesLeavingMembersInList: Bool { apiVersion >= 3 }
}
