internal import KafkaProtocol

// ShareGroupHeartbeat (key 76): a member joins a share group, stays, and leaves (KIP-932). ``ShareGroup`` decides;
// here stands what makes a request valid.

extension Cluster {
    mutating func shareGroupHeartbeat(
        _ request: ShareGroupHeartbeatRequest, _ context: RequestContext, effects: inout Effects
    ) {
        let result = heartbeat(request, context)
        var response = ShareGroupHeartbeatResponse()
        response.errorCode = result.error
        response.errorMessage = result.message
        response.memberID = result.memberID
        response.memberEpoch = result.epoch
        if result.error == .none, result.epoch >= 0 {
            response.heartbeatIntervalMs = Int32(
                clamping: shareGroupSettings(request.groupID).heartbeatInterval.wholeMilliseconds)
        }
        response.assignment = result.assignment.map { assignment in
            var answer = ShareGroupHeartbeatResponse.Assignment()
            answer.topicPartitions = assignment.byTopic.map { topicID, partitions in
                var topic = ShareGroupHeartbeatResponse.TopicPartitions()
                topic.topicID = topicID
                topic.partitions = partitions
                return topic
            }
            return answer
        }
        reply(to: context, .shareGroupHeartbeat(response), error: result.error, effects: &effects)
        if request.memberEpoch < 0 { wakeShareFetches(of: request.groupID, effects: &effects) }
        finish(request.groupID, [], effects: &effects)
    }

    private mutating func heartbeat(
        _ request: ShareGroupHeartbeatRequest, _ context: RequestContext
    ) -> ConsumerHeartbeatResult {
        if let problem = request.problem { return .failure(.invalidRequest, problem) }
        let error = coordinatorError(request.groupID, broker: context.broker)
        guard error == .none else { return ConsumerHeartbeatResult(error: error) }
        if request.memberEpoch == -1 {
            guard let result = groups[share: request.groupID]?.leave(request.memberID) else {
                return .failure(.groupIDNotFound, notShareGroup(request.groupID))
            }
            if result.error == .none { forgetShareMember(request.memberID, of: request.groupID) }
            return result
        }
        for name in request.subscribedTopicNames ?? [] {
            if let refusal = authorizationError(.describe, topic: name, context) {
                return ConsumerHeartbeatResult(error: refusal)
            }
        }
        if request.memberEpoch == 0 { makeShareGroup(request.groupID) }
        let settings = shareGroupSettings(request.groupID)
        groups[share: request.groupID]?.settings = settings
        let call = ShareGroup.Heartbeat(
            memberID: request.memberID, epoch: request.memberEpoch, rack: request.rackID,
            topicNames: request.subscribedTopicNames, clientID: context.clientID ?? "",
            clientHost: context.clientHost)
        return groups[share: request.groupID]?.heartbeat(call, topics: topics, now: now.elapsed)
            ?? .failure(.groupIDNotFound, notShareGroup(request.groupID))
    }

    /// Makes it unless the id is taken, but for a classic group that has neither members nor offsets.
    mutating func makeShareGroup(_ id: String) {
        if groups.exists(id) {
            guard groups.kind(of: id) == .classic, groups.isEmpty(id) == true, offsets.isEmpty(group: id) else {
                return
            }
        }
        groups.put(ShareGroup(id: id, settings: groups.settings.share))
    }

    func notShareGroup(_ id: String) -> String { "'\(id)' is not a share group." }
}

extension ShareGroupHeartbeatRequest {
    /// What makes no sense in it, whatever the group.
    fileprivate var problem: String? {
        if groupID.isEmpty { return "GroupId can't be empty." }
        if memberID.isEmpty { return "MemberId can't be empty." }
        if rackID?.isEmpty == true { return "RackId can't be empty." }
        if memberEpoch < -1 { return "MemberEpoch \(memberEpoch) is invalid." }
        if memberEpoch == 0, subscribedTopicNames?.isEmpty != false {
            return "SubscribedTopicNames must be set in first request."
        }
        return nil
    }
}
