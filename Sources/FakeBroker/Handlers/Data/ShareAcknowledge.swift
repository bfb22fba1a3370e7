internal import KafkaProtocol
internal import OrderedCollections

// ShareAcknowledge (key 79): a member says what became of records that it has (KIP-932), in its share session.
//
// Version 2 can renew locks (KIP-1222).

extension Cluster {
    mutating func shareAcknowledge(
        _ request: ShareAcknowledgeRequest, _ context: RequestContext, effects: inout Effects
    ) {
        let key = ShareSession.Key(
            group: request.groupID ?? "", memberID: request.memberID ?? "", broker: context.broker)
        let error = beginShareAcknowledge(request, key)
        guard error == .none else {
            let response = ShareAcknowledgeResponse(refusing: request, with: error)
            return reply(to: context, .shareAcknowledge(response), error: error, effects: &effects)
        }
        let results = acknowledge(request.acknowledgements, by: key, mayRenew: request.isRenewAck, context)
        if request.shareSessionEpoch == ShareSessionEpoch.close { closeShareSession(key) }
        var response = ShareAcknowledgeResponse()
        response.acquisitionLockTimeoutMs = Int32(clamping: shareLimits(of: key.group).lockDuration.wholeMilliseconds)
        for (partition, error) in results.sorted(by: { $0.key < $1.key }) {
            if response.responses.last?.topicID != partition.topicID {
                var topic = ShareAcknowledgeResponse.ShareAcknowledgeTopicResponse()
                topic.topicID = partition.topicID
                response.responses.append(topic)
            }
            var data = ShareAcknowledgeResponse.PartitionData()
            data.partitionIndex = partition.partition
            data.errorCode = error
            data.currentLeader.leaderID = -1
            data.currentLeader.leaderEpoch = -1
            if error == .notLeaderOrFollower,
                let found = topics.name(of: partition.topicID).flatMap({ topics[$0] })?.partitions[
                    Int(partition.partition)]
            {
                data.currentLeader.leaderID = found.leader
                data.currentLeader.leaderEpoch = found.leaderEpoch
            }
            response.responses[response.responses.count - 1].partitions.append(data)
        }
        let firstError = results.values.first { $0 != .none } ?? .none
        reply(to: context, .shareAcknowledge(response), error: firstError, effects: &effects)
        wakeShareFetches(of: key.group, effects: &effects)
        finish(key.group, [], effects: &effects)
    }

    private mutating func beginShareAcknowledge(
        _ request: ShareAcknowledgeRequest, _ key: ShareSession.Key
    ) -> ErrorCode {
        let error = checkShareMember(key)
        guard error == .none else { return error }
        // Only a fetch opens a session.
        guard request.shareSessionEpoch != ShareSessionEpoch.open else { return .invalidShareSessionEpoch }
        guard let session = shareSessions[key] else { return .shareSessionNotFound }
        guard request.shareSessionEpoch != ShareSessionEpoch.close else { return .none }
        guard session.epoch == request.shareSessionEpoch else { return .invalidShareSessionEpoch }
        shareSessions[key]?.advance()
        return .none
    }

    // MARK: For ShareFetch too

    /// Whether there is such a group, and its member has a name. As in Kafka it need not be in the group by now.
    func checkShareMember(_ key: ShareSession.Key) -> ErrorCode {
        guard !key.group.isEmpty, !key.memberID.isEmpty, key.memberID.utf8.count <= 36 else { return .invalidRequest }
        return groups.kind(of: key.group) == .share ? .none : .groupIDNotFound
    }

    /// Why this broker does not let whoever asked at a partition; nil if it does.
    func shareError(_ partition: TopicIDPartition, _ context: RequestContext) -> ErrorCode? {
        guard let name = topics.name(of: partition.topicID), let topic = topics[name] else { return .unknownTopicID }
        if let refusal = authorizationError(.read, topic: name, context) { return refusal }
        guard let position = topic.position(of: partition.partition) else { return .unknownTopicOrPartition }
        return topic.partitions[position].leader == context.broker ? nil : .notLeaderOrFollower
    }

    /// Carries out what a member says of records. Returns what became of it, by partition.
    mutating func acknowledge(
        _ asked: [(partition: TopicIDPartition, batches: [SharePartition.Batch])], by key: ShareSession.Key,
        mayRenew: Bool, _ context: RequestContext
    ) -> OrderedDictionary<TopicIDPartition, ErrorCode> {
        var results: OrderedDictionary<TopicIDPartition, ErrorCode> = [:]
        let limits = shareLimits(of: key.group)
        for (partition, batches) in asked {
            let error =
                shareError(partition, context)
                ?? groups[share: key.group]?.partitions[partition]?.acknowledge(
                    batches, by: key.memberID, mayRenew: mayRenew, limits: limits, now: now.elapsed)
                ?? .invalidRecordState
            // Of a partition that comes twice the first failure is told.
            if results[partition, default: .none] == .none { results[partition] = error }
        }
        return results
    }
}

extension ShareAcknowledgeRequest {
    /// What the request says of records, by partition.
    fileprivate var acknowledgements: [(partition: TopicIDPartition, batches: [SharePartition.Batch])] {
        topics.flatMap { topic in
            topic.partitions.map { partition in
                (
                    TopicIDPartition(topicID: topic.topicID, partition: partition.partitionIndex),
                    partition.acknowledgementBatches.map {
                        SharePartition.Batch(
                            firstOffset: $0.firstOffset, lastOffset: $0.lastOffset, types: $0.acknowledgeTypes)
                    }
                )
            }
        }
    }
}

extension ShareAcknowledgeResponse {
    init(refusing request: ShareAcknowledgeRequest, with error: ErrorCode) {
        self.init()
        errorCode = error
    }
}
