internal import KafkaProtocol

// DeleteRecords (key 21): what lies before an offset of a partition can no longer be read.

extension Cluster {
    mutating func deleteRecords(
        _ request: DeleteRecordsRequest, _ context: RequestContext, effects: inout Effects
    ) {
        var response = DeleteRecordsResponse()
        var firstError = ErrorCode.none
        for topic in request.topics {
            var answer = DeleteRecordsResponse.DeleteRecordsTopicResult()
            answer.name = topic.name
            let refusal = authorizationError(.delete, topic: topic.name, context)
            for partition in topic.partitions {
                var result = DeleteRecordsResponse.DeleteRecordsPartitionResult()
                result.partitionIndex = partition.partitionIndex
                result.lowWatermark = -1
                result.errorCode = refusal ?? deleteRecords(topic.name, partition, &result, broker: context.broker)
                if firstError == .none { firstError = result.errorCode }
                answer.partitions.append(result)
            }
            response.topics.append(answer)
        }
        reply(to: context, .deleteRecords(response), error: firstError, effects: &effects)
    }

    private mutating func deleteRecords(
        _ topic: String, _ asked: DeleteRecordsRequest.DeleteRecordsPartition,
        _ result: inout DeleteRecordsResponse.DeleteRecordsPartitionResult, broker: Int32
    ) -> ErrorCode {
        guard let found = topics[topic], let position = found.position(of: asked.partitionIndex) else {
            return .unknownTopicOrPartition
        }
        guard found.partitions[position].leader == broker else { return .notLeaderOrFollower }
        // What is compacted only keeps the latest of each key for ever.
        guard found.settings.deletes || !found.settings.compacts else { return .policyViolation }
        let end = found.partitions[position].log.endOffset
        // -1 stands for the end.
        guard -1...end ~= asked.offset else { return .offsetOutOfRange }
        topics[topic]?.partitions[position].deleteRecords(before: asked.offset == -1 ? end : asked.offset)
        storage.note(topic, position)
        result.lowWatermark = topics[topic]?.partitions[position].log.startOffset ?? -1
        return .none
    }
}

extension DeleteRecordsResponse {
    init(refusing request: DeleteRecordsRequest, with error: ErrorCode) {
        self.init()
        topics = request.topics.map { topic in
            var answer = DeleteRecordsTopicResult()
            answer.name = topic.name
            answer.partitions = topic.partitions.map { partition in
                var result = DeleteRecordsPartitionResult()
                result.partitionIndex = partition.partitionIndex
                result.lowWatermark = -1
                result.errorCode = error
                return result
            }
            return answer
        }
    }
}
