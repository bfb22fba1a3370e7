internal import KafkaProtocol
internal import OrderedCollections

// DeleteShareGroupOffsets (key 92): a share group without members forgets topics (KIP-932).

extension Cluster {
    mutating func deleteShareGroupOffsets(
        _ request: DeleteShareGroupOffsetsRequest, _ context: RequestContext, effects: inout Effects
    ) {
        var response = DeleteShareGroupOffsetsResponse()
        response.errorCode = coordinatorError(request.groupID, broker: context.broker)
        if response.errorCode == .none {
            if let group = groups[share: request.groupID] {
                if !group.members.isEmpty { response.errorCode = .nonEmptyGroup }
            } else {
                response.errorCode = .groupIDNotFound
                response.errorMessage = notShareGroup(request.groupID)
            }
        }
        guard response.errorCode == .none else {
            return reply(
                to: context, .deleteShareGroupOffsets(response), error: response.errorCode, effects: &effects)
        }
        for asked in request.topics {
            var answer = DeleteShareGroupOffsetsResponse.DeleteShareGroupOffsetsResponseTopic()
            answer.topicName = asked.topicName
            if let refusal = authorizationError(.read, topic: asked.topicName, context) {
                answer.errorCode = refusal
            } else if let topic = topics[asked.topicName] {
                answer.topicID = topic.id
                groups[share: request.groupID]?.partitions.removeAll { $0.key.topicID == topic.id }
            } else {
                answer.errorCode = .unknownTopicOrPartition
            }
            response.responses.append(answer)
        }
        let firstError = response.responses.first { $0.errorCode != .none }?.errorCode ?? .none
        reply(to: context, .deleteShareGroupOffsets(response), error: firstError, effects: &effects)
    }
}
