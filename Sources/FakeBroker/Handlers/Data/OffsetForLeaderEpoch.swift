internal import KafkaProtocol

// OffsetForLeaderEpoch (key 23): where a leader's records ended, by which a consumer finds out that what it has read
// is no longer there (KIP-320).

extension Cluster {
    mutating func offsetForLeaderEpoch(
        _ request: OffsetForLeaderEpochRequest, _ context: RequestContext, effects: inout Effects
    ) {
        var response = OffsetForLeaderEpochResponse()
        var firstError = ErrorCode.none
        for topic in request.topics {
            var answer = OffsetForLeaderEpochResponse.OffsetForLeaderTopicResult()
            answer.topic = topic.topic
            let refusal = authorizationError(.describe, topic: topic.topic, context)
            for asked in topic.partitions {
                var found = OffsetForLeaderEpochResponse.EpochEndOffset()
                found.partition = asked.partition
                if let refusal {
                    found.errorCode = refusal
                } else {
                    findEnd(of: asked, in: topics[topic.topic], broker: context.broker, &found)
                }
                if firstError == .none { firstError = found.errorCode }
                answer.partitions.append(found)
            }
            response.topics.append(answer)
        }
        reply(to: context, .offsetForLeaderEpoch(response), error: firstError, effects: &effects)
    }

    private func findEnd(
        of asked: OffsetForLeaderEpochRequest.OffsetForLeaderPartition, in topic: Topic?, broker: Int32,
        _ found: inout OffsetForLeaderEpochResponse.EpochEndOffset
    ) {
        guard let topic, let position = topic.position(of: asked.partition) else {
            found.errorCode = .unknownTopicOrPartition
            return
        }
        let partition = topic.partitions[position]
        found.errorCode = partition.leadershipError(broker: broker, leaderEpoch: asked.currentLeaderEpoch)
        guard found.errorCode == .none,
            let end = partition.log.epochs.end(
                of: asked.leaderEpoch, current: partition.leaderEpoch, endOffset: partition.log.endOffset)
        else { return }
        found.leaderEpoch = end.epoch
        found.endOffset = end.offset
    }
}

extension OffsetForLeaderEpochResponse {
    init(refusing request: OffsetForLeaderEpochRequest, with error: ErrorCode) {
        self.init()
        topics = request.topics.map { topic in
            var answer = OffsetForLeaderTopicResult()
            answer.topic = topic.topic
            answer.partitions = topic.partitions.map { asked in
                var found = EpochEndOffset()
                found.partition = asked.partition
                found.errorCode = error
                return found
            }
            return answer
        }
    }
}
