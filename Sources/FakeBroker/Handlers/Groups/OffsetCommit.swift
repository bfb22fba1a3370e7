internal import KafkaProtocol

// OffsetCommit (key 8): a member, or a client that manages its own partitions, says where it stands.

extension Cluster {
    mutating func offsetCommit(_ request: OffsetCommitRequest, _ context: RequestContext, effects: inout Effects) {
        let error = commitError(request, context)
        guard error == .none else {
            let response = OffsetCommitResponse(refusing: request, with: error)
            return reply(to: context, .offsetCommit(response), error: error, effects: &effects)
        }
        var response = OffsetCommitResponse()
        var firstError = ErrorCode.none
        for topic in request.topics {
            var answer = OffsetCommitResponse.OffsetCommitResponseTopic()
            answer.name = topic.name
            answer.topicID = topic.topicID
            let found = topics.name(topic.name, or: topic.topicID)
            let refusal = authorizationError(.read, topic: found ?? topic.name, context)
            let name = refusal == nil ? found : nil
            for partition in topic.partitions {
                var result = OffsetCommitResponse.OffsetCommitResponsePartition()
                result.partitionIndex = partition.partitionIndex
                result.errorCode = commit(
                    partition, topic: name, unknown: refusal ?? Topics.unknown(topic.name), group: request.groupID)
                if firstError == .none { firstError = result.errorCode }
                answer.partitions.append(result)
            }
            response.topics.append(answer)
        }
        groups[request.groupID]?.restartSession(request.memberID, now: now.elapsed)
        watchRetention(of: request.groupID)
        reply(to: context, .offsetCommit(response), error: firstError, effects: &effects)
    }

    /// May this client commit for this group at all? A group that is not there is made for a client without one.
    private mutating func commitError(_ request: OffsetCommitRequest, _ context: RequestContext) -> ErrorCode {
        let error = coordinatorError(request.groupID, broker: context.broker)
        guard error == .none else { return error }
        let generation = request.generationIDOrMemberEpoch
        switch groups.kind(of: request.groupID) {
        case .classic:
            return groups[request.groupID]?.checkCommit(
                memberID: request.memberID, instanceID: request.groupInstanceID, generation: generation)
                ?? .unknownMemberID
        case .consumer:
            return groups[consumer: request.groupID]?.checkCommit(
                memberID: request.memberID, epoch: generation, knowsEpochs: context.knowsMemberEpochs)
                ?? .unknownMemberID
        case .share: return .groupIDNotFound
        case nil:
            guard generation < 0 else { return context.knowsMemberEpochs ? .groupIDNotFound : .illegalGeneration }
            groups.makeIfAbsent(request.groupID)
            return .none
        }
    }

    private mutating func commit(
        _ asked: OffsetCommitRequest.OffsetCommitRequestPartition, topic: String?, unknown: ErrorCode, group: String
    ) -> ErrorCode {
        guard let topic else { return unknown }
        guard topics[topic]?.position(of: asked.partitionIndex) != nil else { return .unknownTopicOrPartition }
        guard asked.committedMetadata?.utf8.count ?? 0 <= settings.limits.offsetMetadataBytes else {
            return .offsetMetadataTooLarge
        }
        let offset = CommittedOffset(
            offset: asked.committedOffset, leaderEpoch: asked.committedLeaderEpoch,
            metadata: asked.committedMetadata, committedAtMilliseconds: now.wallMilliseconds)
        offsets.commit(offset, group: group, partition: TopicPartition(topic: topic, partition: asked.partitionIndex))
        return .none
    }
}

extension RequestContext {
    /// Version 9 can tell a member that its epoch is not the present one (KIP-848).
    fileprivate var knowsMemberEpochs: Bool { apiVersion >= 9 }
}

extension OffsetCommitResponse {
    init(refusing request: OffsetCommitRequest, with error: ErrorCode) {
        self.init()
        topics = request.topics.map { topic in
            var answer = OffsetCommitResponseTopic()
            answer.name = topic.name
            answer.topicID = topic.topicID
            answer.partitions = topic.partitions.map { partition in
                var result = OffsetCommitResponsePartition()
                result.partitionIndex = partition.partitionIndex
                result.errorCode = error
                return result
            }
            return answer
        }
    }
}
