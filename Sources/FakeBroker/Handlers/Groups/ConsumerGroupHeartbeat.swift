internal import KafkaProtocol

// ConsumerGroupHeartbeat (key 68): a member joins a group whose assignment the coordinator makes, stays, and leaves
// (KIP-848). ``ConsumerGroup`` decides; here stands what makes a request valid.
//
// From version 1 on a member may give a regular expression, and must choose its id itself (KIP-1082).

extension Cluster {
    mutating func consumerGroupHeartbeat(
        _ request: ConsumerGroupHeartbeatRequest, _ context: RequestContext, effects: inout Effects
    ) {
        var replies: [GroupReply] = []
        let result = heartbeat(request, context, replies: &replies)
        var response = ConsumerGroupHeartbeatResponse()
        response.errorCode = result.error
        response.errorMessage = result.message
        response.memberID = result.memberID
        response.memberEpoch = result.epoch
        if result.error == .none, result.epoch >= 0 {
            response.heartbeatIntervalMs = Int32(
                clamping: consumerGroupSettings(request.groupID).heartbeatInterval.wholeMilliseconds)
        }
        response.assignment = result.assignment.map { assignment in
            var answer = ConsumerGroupHeartbeatResponse.Assignment()
            answer.topicPartitions = assignment.byTopic.map { topicID, partitions in
                var topic = ConsumerGroupHeartbeatResponse.TopicPartitions()
                topic.topicID = topicID
                topic.partitions = partitions
                return topic
            }
            return answer
        }
        reply(to: context, .consumerGroupHeartbeat(response), error: result.error, effects: &effects)
        finish(request.groupID, replies, effects: &effects)
    }

    private mutating func heartbeat(
        _ request: ConsumerGroupHeartbeatRequest, _ context: RequestContext, replies: inout [GroupReply]
    ) -> ConsumerHeartbeatResult {
        if let problem = request.problem(choosesMemberID: context.choosesMemberID) {
            return .failure(.invalidRequest, problem)
        }
        let error = coordinatorError(request.groupID, broker: context.broker)
        guard error == .none else { return ConsumerHeartbeatResult(error: error) }
        var call = ConsumerHeartbeat(request, context)
        if call.memberID.isEmpty { call.memberID = UniqueID(high: random.next(), low: random.next()).description }
        guard call.epoch >= 0 else { return leave(call, request.groupID, replies: &replies) }

        if let name = request.serverAssignor, call.assignor == nil {
            let known = Assignor.allCases.map(\.rawValue).joined(separator: ", ")
            return .failure(.unsupportedAssignor, "The assignor '\(name)' is not known; \(known) are.")
        }
        var pattern: TopicPattern?
        if let text = call.pattern, !text.isEmpty {
            do throws(TopicPattern.Invalid) {
                pattern = try TopicPattern(text)
            } catch {
                return .failure(.invalidRegularExpression, "'\(text)' is not a regular expression: \(error.reason).")
            }
        }
        for name in request.subscribedTopicNames ?? [] {
            if let refusal = authorizationError(.describe, topic: name, context) {
                return ConsumerHeartbeatResult(error: refusal)
            }
        }
        if call.epoch == ConsumerHeartbeat.join {
            if let refusal = makeConsumerGroup(request.groupID, replies: &replies) {
                return .failure(refusal.code, refusal.message)
            }
        }
        let settings = consumerGroupSettings(request.groupID)
        groups[consumer: request.groupID]?.settings = settings
        match(pattern, call.pattern, of: request.groupID, context)
        guard
            let result = groups[consumer: request.groupID]?.heartbeat(call, topics: topics, now: now.elapsed)
        else {
            let refusal = notConsumerGroup(request.groupID)
            return .failure(refusal.code, refusal.message)
        }
        return result
    }

    private mutating func leave(
        _ call: ConsumerHeartbeat, _ id: String, replies: inout [GroupReply]
    ) -> ConsumerHeartbeatResult {
        guard let result = groups[consumer: id]?.leave(call) else {
            let refusal = notConsumerGroup(id)
            return .failure(refusal.code, refusal.message)
        }
        downgradeIfDue(id, rebalances: true, replies: &replies)
        return result
    }

    /// Sees which topics a group's patterns match now, if that may have changed.
    private mutating func match(
        _ pattern: TopicPattern?, _ text: String?, of id: String, _ context: RequestContext
    ) {
        guard groups[consumer: id]?.mustMatch(text, topics: topics) == true else { return }
        let names = topics.allNames
        let visible = names.filter { authorize(.describe, .topic($0), context) }
        groups[consumer: id]?.match(pattern, text, names: names, visible: visible)
    }
}

extension RequestContext {
    fileprivate var choosesMemberID: Bool { apiVersion >= 1 }
}

extension ConsumerGroupHeartbeatRequest {
    /// What makes no sense in it, whatever the group.
    fileprivate func problem(choosesMemberID: Bool) -> String? {
        if groupID.isEmpty { return "GroupId can't be empty." }
        if instanceID?.isEmpty == true { return "InstanceId can't be empty." }
        if rackID?.isEmpty == true { return "RackId can't be empty." }
        if memberID.isEmpty, choosesMemberID || memberEpoch != 0 { return "MemberId can't be empty." }
        switch memberEpoch {
        case ConsumerHeartbeat.leaveForAWhile:
            return instanceID == nil ? "InstanceId can't be null." : nil
        case ConsumerHeartbeat.leave, 1...: return nil
        case ConsumerHeartbeat.join:
            if rebalanceTimeoutMs < 0 { return "RebalanceTimeoutMs must be provided in first request." }
            if topicPartitions?.isEmpty != true { return "TopicPartitions must be empty when (re-)joining." }
            if subscribedTopicNames == nil, subscribedTopicRegex == nil {
                return "Either SubscribedTopicNames or SubscribedTopicRegex must be non-null when (re-)joining."
            }
            return nil
        default: return "MemberEpoch \(memberEpoch) is invalid."
        }
    }
}

extension ConsumerHeartbeat {
    fileprivate init(_ request: ConsumerGroupHeartbeatRequest, _ context: RequestContext) {
        memberID = request.memberID
        epoch = request.memberEpoch
        instanceID = request.instanceID
        rack = request.rackID
        rebalanceTimeout = request.rebalanceTimeoutMs < 0 ? nil : .milliseconds(Int64(request.rebalanceTimeoutMs))
        topicNames = request.subscribedTopicNames
        pattern = request.subscribedTopicRegex
        assignor = request.serverAssignor.flatMap(Assignor.init)
        owned = request.topicPartitions.map { topics in
            PartitionSet(
                topics.flatMap { topic in
                    topic.partitions.map { TopicIDPartition(topicID: topic.topicID, partition: $0) }
                })
        }
        clientID = context.clientID ?? ""
        clientHost = context.clientHost
    }
}
