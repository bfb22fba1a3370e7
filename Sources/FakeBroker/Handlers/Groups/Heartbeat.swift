internal import KafkaProtocol

// Heartbeat (key 12): a member is alive, and learns whether its group rebalances.

extension Cluster {
    mutating func heartbeat(_ request: HeartbeatRequest, _ context: RequestContext, effects: inout Effects) {
        var response = HeartbeatResponse()
        response.errorCode = coordinatorError(request.groupID, broker: context.broker)
        if response.errorCode == .none {
            response.errorCode =
                groups[request.groupID]?.heartbeat(
                    memberID: request.memberID, instanceID: request.groupInstanceID,
                    generation: request.generationID, now: now.elapsed)
                ?? groups[consumer: request.groupID]?.heartbeatClassic(
                    memberID: request.memberID, instanceID: request.groupInstanceID,
                    generation: request.generationID, now: now.elapsed)
                ?? .unknownMemberID
        }
        reply(to: context, .heartbeat(response), error: response.errorCode, effects: &effects)
        finish(request.groupID, [], effects: &effects)
    }
}
