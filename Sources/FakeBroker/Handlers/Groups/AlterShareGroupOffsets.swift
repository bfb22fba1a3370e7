internal import KafkaProtocol
internal import OrderedCollections

// AlterShareGroupOffsets (key 91): a share group without members begins at other offsets, and knows nothing of what it
// had delivered there (KIP-932). A group that is not there is made.

extension Cluster {
    mutating func alterShareGroupOffsets(
        _ request: AlterShareGroupOffsetsRequest, _ context: RequestContext, effects: inout Effects
    ) {
        var response = AlterShareGroupOffsetsResponse()
        response.errorCode = coordinatorError(request.groupID, broker: context.broker)
        if response.errorCode == .none {
            makeShareGroup(request.groupID)
            if let group = groups[share: request.groupID] {
                if !group.members.isEmpty { response.errorCode = .nonEmptyGroup }
            } else {
                response.errorCode = .groupIDNotFound
                response.errorMessage = notShareGroup(request.groupID)
            }
        }
        guard response.errorCode == .none else {
            return reply(
                to: context, .alterShareGroupOffsets(response), error: response.errorCode, effects: &effects)
        }
        response.responses = request.topics.map { alter($0, of: request.groupID, context) }
        let firstError = response.responses.flatMap(\.partitions).first { $0.errorCode != .none }?.errorCode
        reply(to: context, .alterShareGroupOffsets(response), error: firstError ?? .none, effects: &effects)
    }

    private mutating func alter(
        _ asked: AlterShareGroupOffsetsRequest.AlterShareGroupOffsetsRequestTopic, of id: String,
        _ context: RequestContext
    ) -> AlterShareGroupOffsetsResponse.AlterShareGroupOffsetsResponseTopic {
        var answer = AlterShareGroupOffsetsResponse.AlterShareGroupOffsetsResponseTopic()
        let refusal = authorizationError(.read, topic: asked.topicName, context)
        let topic = refusal == nil ? topics[asked.topicName] : nil
        answer.topicName = asked.topicName
        answer.topicID = topic?.id ?? .zero
        for partition in asked.partitions {
            var result = AlterShareGroupOffsetsResponse.AlterShareGroupOffsetsResponsePartition()
            result.partitionIndex = partition.partitionIndex
            if let refusal {
                result.errorCode = refusal
            } else if let topic, topic.position(of: partition.partitionIndex) != nil {
                let key = TopicIDPartition(topicID: topic.id, partition: partition.partitionIndex)
                groups[share: id]?.partitions[key] = SharePartition(startOffset: max(0, partition.startOffset))
            } else {
                result.errorCode = .unknownTopicOrPartition
            }
            answer.partitions.append(result)
        }
        return answer
    }
}
