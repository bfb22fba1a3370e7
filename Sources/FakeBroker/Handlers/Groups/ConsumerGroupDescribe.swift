internal import KafkaProtocol
internal import OrderedCollections

// ConsumerGroupDescribe (key 69): consumer groups with their members, what each has and what it shall have (KIP-848).
//
// Who may not see one of the topics is told nothing of the group. Version 1 tells which protocol a member speaks.

/// By which protocol a member is in the group.
private enum MemberType {
    static let classic: Int8 = 0
    static let consumer: Int8 = 1
}

extension Cluster {
    mutating func consumerGroupDescribe(
        _ request: ConsumerGroupDescribeRequest, _ context: RequestContext, effects: inout Effects
    ) {
        var response = ConsumerGroupDescribeResponse()
        response.groups = request.groupIDs.map { id in
            var described = describeConsumerGroup(id, context)
            if request.includeAuthorizedOperations, described.errorCode == .none {
                described.authorizedOperations = authorizedOperations(on: .group(id), context)
            }
            return described
        }
        let firstError = response.groups.first { $0.errorCode != .none }?.errorCode ?? .none
        reply(to: context, .consumerGroupDescribe(response), error: firstError, effects: &effects)
    }

    private func describeConsumerGroup(
        _ id: String, _ context: RequestContext
    ) -> ConsumerGroupDescribeResponse.DescribedGroup {
        var described = ConsumerGroupDescribeResponse.DescribedGroup()
        described.groupID = id
        described.errorCode = groupError(.describe, id, context)
        guard described.errorCode == .none else { return described }
        guard let group = groups[consumer: id] else {
            described.errorCode = .groupIDNotFound
            described.errorMessage = notConsumerGroup(id).message
            return described
        }
        for name in group.members.values.flatMap({ group.topicNames(of: $0) }) {
            guard authorizationError(.describe, topic: name, context) == nil else {
                described.errorCode = .topicAuthorizationFailed
                described.errorMessage = "The group reads topics that you may not describe."
                return described
            }
        }
        described.groupState = group.stateName
        described.groupEpoch = group.epoch
        described.assignmentEpoch = group.assignmentEpoch
        described.assignorName = group.assignor.rawValue
        described.members = group.members.values.map(describe)
        return described
    }

    private func describe(_ member: ConsumerGroupMember) -> ConsumerGroupDescribeResponse.Member {
        var described = ConsumerGroupDescribeResponse.Member()
        described.memberID = member.id
        described.instanceID = member.instanceID
        described.rackID = member.rack
        described.memberEpoch = member.epoch
        described.clientID = member.clientID
        described.clientHost = member.clientHost
        described.subscribedTopicNames = member.topicNames
        described.subscribedTopicRegex = member.pattern.isEmpty ? nil : member.pattern
        described.assignment = assignment(member.assigned)
        described.targetAssignment = assignment(member.target)
        described.memberType = member.classic == nil ? MemberType.consumer : MemberType.classic
        return described
    }

    /// Without topics that are no more.
    private func assignment(_ partitions: PartitionSet) -> ConsumerGroupDescribeResponse.Assignment {
        var assignment = ConsumerGroupDescribeResponse.Assignment()
        assignment.topicPartitions = partitions.byTopic.compactMap { topicID, indexes in
            guard let name = topics.name(of: topicID) else { return nil }
            var topic = ConsumerGroupDescribeResponse.TopicPartitions()
            topic.topicID = topicID
            topic.topicName = name
            topic.partitions = indexes
            return topic
        }
        return assignment
    }
}

extension ConsumerGroupDescribeResponse {
    init(refusing request: ConsumerGroupDescribeRequest, with error: ErrorCode) {
        self.init()
        groups = request.groupIDs.map { id in
            var answer = DescribedGroup()
            answer.groupID = id
            answer.errorCode = error
            return answer
        }
    }
}
