internal import KafkaProtocol
internal import OrderedCollections

// ShareGroupDescribe (key 77): share groups with their members (KIP-932). Who may not see one of the topics is told
// nothing of the group.

extension Cluster {
    mutating func shareGroupDescribe(
        _ request: ShareGroupDescribeRequest, _ context: RequestContext, effects: inout Effects
    ) {
        var response = ShareGroupDescribeResponse()
        response.groups = request.groupIDs.map { id in
            var described = describeShareGroup(id, context)
            if request.includeAuthorizedOperations, described.errorCode == .none {
                described.authorizedOperations = authorizedOperations(on: .group(id), context)
            }
            return described
        }
        let firstError = response.groups.first { $0.errorCode != .none }?.errorCode ?? .none
        reply(to: context, .shareGroupDescribe(response), error: firstError, effects: &effects)
    }

    private func describeShareGroup(
        _ id: String, _ context: RequestContext
    ) -> ShareGroupDescribeResponse.DescribedGroup {
        var described = ShareGroupDescribeResponse.DescribedGroup()
        described.groupID = id
        described.errorCode = groupError(.describe, id, context)
        guard described.errorCode == .none else { return described }
        guard let group = groups[share: id] else {
            described.errorCode = .groupIDNotFound
            described.errorMessage = notShareGroup(id)
            return described
        }
        for name in group.members.values.flatMap(\.topicNames)
        where authorizationError(.describe, topic: name, context) != nil {
            described.errorCode = .topicAuthorizationFailed
            described.errorMessage = "The group reads topics that you may not describe."
            return described
        }
        described.groupState = group.stateName
        described.groupEpoch = group.epoch
        described.assignmentEpoch = group.epoch
        described.assignorName = SimpleAssignor.name
        described.members = group.members.values.map { member in
            var answer = ShareGroupDescribeResponse.Member()
            answer.memberID = member.id
            answer.rackID = member.rack
            answer.memberEpoch = member.epoch
            answer.clientID = member.clientID
            answer.clientHost = member.clientHost
            answer.subscribedTopicNames = member.topicNames
            answer.assignment.topicPartitions = member.assigned.byTopic.compactMap { topicID, indexes in
                guard let name = topics.name(of: topicID) else { return nil }
                var topic = ShareGroupDescribeResponse.TopicPartitions()
                topic.topicID = topicID
                topic.topicName = name
                topic.partitions = indexes
                return topic
            }
            return answer
        }
        return described
    }
}

extension ShareGroupDescribeResponse {
    init(refusing request: ShareGroupDescribeRequest, with error: ErrorCode) {
        self.init()
        groups = request.groupIDs.map { id in
            var answer = DescribedGroup()
            answer.groupID = id
            answer.errorCode = error
            return answer
        }
    }
}
