internal import KafkaProtocol

// TxnOffsetCommit (key 28): where a group will stand if the transaction commits.
//
// From version 3 the group checks member and generation (KIP-447); from version 5 it joins the transaction by this
// request, without AddOffsetsToTxn before (KIP-890).

extension Cluster {
    mutating func txnOffsetCommit(
        _ request: TxnOffsetCommitRequest, _ context: RequestContext, effects: inout Effects
    ) {
        var error = coordinatorError(request.groupID, broker: context.broker)
        if error == .none { error = transactionalCommitError(request) }
        if error == .none { error = join(request, context) }
        guard error == .none else {
            let response = TxnOffsetCommitResponse(refusing: request, with: error)
            return reply(to: context, .txnOffsetCommit(response), error: error, effects: &effects)
        }
        groups.makeIfAbsent(request.groupID)
        var response = TxnOffsetCommitResponse()
        var firstError = ErrorCode.none
        for topic in request.topics {
            var answer = TxnOffsetCommitResponse.TxnOffsetCommitResponseTopic()
            answer.name = topic.name
            let refusal = authorizationError(.read, topic: topic.name, context)
            for partition in topic.partitions {
                var result = TxnOffsetCommitResponse.TxnOffsetCommitResponsePartition()
                result.partitionIndex = partition.partitionIndex
                result.errorCode = refusal ?? hold(partition, topic: topic.name, request)
                if firstError == .none { firstError = result.errorCode }
                answer.partitions.append(result)
            }
            response.topics.append(answer)
        }
        reply(to: context, .txnOffsetCommit(response), error: firstError, effects: &effects)
    }

    /// A client that names no member is trusted, as it is by Kafka: it came before KIP-447.
    private func transactionalCommitError(_ request: TxnOffsetCommitRequest) -> ErrorCode {
        guard request.generationID >= 0 || !request.memberID.isEmpty || request.groupInstanceID != nil else {
            return .none
        }
        switch groups.kind(of: request.groupID) {
        case .classic:
            let error = groups[request.groupID]?.checkCommit(
                memberID: request.memberID, instanceID: request.groupInstanceID, generation: request.generationID)
            return error == .rebalanceInProgress ? .none : error ?? .unknownMemberID
        case .consumer:
            let error = groups[consumer: request.groupID]?.checkCommit(
                memberID: request.memberID, epoch: request.generationID, knowsEpochs: true)
            return error == .staleMemberEpoch ? .illegalGeneration : error ?? .unknownMemberID
        // Its members commit nothing.
        case .share: return .groupIDNotFound
        case nil: return request.generationID < 0 ? .none : .illegalGeneration
        }
    }

    /// The group's offsets are, or become, part of the transaction.
    private mutating func join(_ request: TxnOffsetCommitRequest, _ context: RequestContext) -> ErrorCode {
        let producer = ProducerIdentity(id: request.producerID, epoch: request.producerEpoch)
        let joins = context.apiVersion >= 5 && settings.transactionVersion >= 2
        let error =
            joins
            ? addToTransaction(
                request.transactionalID, partitions: [], groups: [request.groupID], by: producer, bumpsEpoch: true)
            : transactions[request.transactionalID]?.verify(group: request.groupID, by: producer)
                ?? .invalidProducerIDMapping
        switch error {
        case .producerFenced: return .invalidProducerEpoch
        case .transactionAbortable where context.apiVersion < 4: return .invalidTxnState
        default: return error
        }
    }

    private mutating func hold(
        _ asked: TxnOffsetCommitRequest.TxnOffsetCommitRequestPartition, topic: String,
        _ request: TxnOffsetCommitRequest
    ) -> ErrorCode {
        guard topics[topic]?.position(of: asked.partitionIndex) != nil else { return .unknownTopicOrPartition }
        guard asked.committedMetadata?.utf8.count ?? 0 <= settings.limits.offsetMetadataBytes else {
            return .offsetMetadataTooLarge
        }
        transactions.offsets.add(
            CommittedOffset(
                offset: asked.committedOffset, leaderEpoch: asked.committedLeaderEpoch,
                metadata: asked.committedMetadata, committedAtMilliseconds: now.wallMilliseconds),
            group: request.groupID, partition: TopicPartition(topic: topic, partition: asked.partitionIndex),
            producerID: request.producerID)
        transactions.note(request.transactionalID)
        return .none
    }
}

extension TxnOffsetCommitResponse {
    init(refusing request: TxnOffsetCommitRequest, with error: ErrorCode) {
        self.init()
        topics = request.topics.map { topic in
            var answer = TxnOffsetCommitResponseTopic()
            answer.name = topic.name
            answer.partitions = topic.partitions.map { partition in
                var result = TxnOffsetCommitResponsePartition()
                result.partitionIndex = partition.partitionIndex
                result.errorCode = error
                return result
            }
            return answer
        }
    }
}
