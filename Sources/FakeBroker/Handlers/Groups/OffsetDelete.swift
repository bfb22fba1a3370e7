internal import KafkaProtocol

// OffsetDelete (key 47): a group forgets where it stands in topics that it does not read (KIP-496).
//
// A group with members of which it is not known what they read keeps all of its offsets.

extension Cluster {
    mutating func offsetDelete(_ request: OffsetDeleteRequest, _ context: RequestContext, effects: inout Effects) {
        var response = OffsetDeleteResponse()
        response.errorCode = offsetDeletionError(request.groupID, context)
        guard response.errorCode == .none else {
            return reply(to: context, .offsetDelete(response), error: response.errorCode, effects: &effects)
        }
        var firstError = ErrorCode.none
        for topic in request.topics {
            var answer = OffsetDeleteResponse.OffsetDeleteResponseTopic()
            answer.name = topic.name
            var error = authorizationError(.read, topic: topic.name, context) ?? .none
            if error == .none, groups.isSubscribed(request.groupID, to: topic.name) { error = .groupSubscribedToTopic }
            for partition in topic.partitions {
                var result = OffsetDeleteResponse.OffsetDeleteResponsePartition()
                result.partitionIndex = partition.partitionIndex
                result.errorCode = error
                if error == .none, topics[topic.name]?.position(of: partition.partitionIndex) == nil {
                    result.errorCode = .unknownTopicOrPartition
                }
                if result.errorCode == .none {
                    offsets.remove(
                        group: request.groupID,
                        partition: TopicPartition(topic: topic.name, partition: partition.partitionIndex))
                } else if firstError == .none {
                    firstError = result.errorCode
                }
                answer.partitions.append(result)
            }
            response.topics.append(answer)
        }
        reply(to: context, .offsetDelete(response), error: firstError, effects: &effects)
    }

    private func offsetDeletionError(_ id: String, _ context: RequestContext) -> ErrorCode {
        let error = coordinatorError(id, broker: context.broker)
        guard error == .none else { return error }
        guard groups.exists(id) else { return .groupIDNotFound }
        guard let group = groups[id], group.state != .empty, group.protocolType != ConsumerProtocol.type else {
            return .none
        }
        return .nonEmptyGroup
    }
}
