internal import KafkaProtocol
internal import NIOCore

// Produce (key 0): one record batch a partition, appended as it came.
//
// A batch is checked, given its offset, and kept; records are never taken apart or compressed anew. All replicas
// share one log, so `acks=all` is answered as soon as `acks=1`. With `acks=0` nothing is answered, and an error closes
// the connection, as in Kafka, so that the producer takes notice.

extension Cluster {
    /// As many replicas as the topic asks for must be up, if the producer waits for all (`acks=all`).
    private func lacksReplicas(_ slot: Int, _ position: Int) -> Bool {
        guard let least = topics[slot: slot]?.settings.minInsyncReplicas, least > 1 else { return false }
        return (topics[slot: slot]?.partitions[position].replicas.count { brokers.isUp($0) } ?? 0) < least
    }

    mutating func produce(_ request: consuming ProduceRequest, _ context: RequestContext, effects: inout Effects) {
        let acks = request.acks
        guard -1...1 ~= acks else {
            let response = ProduceResponse(refusing: request, with: .invalidRequiredAcks)
            return reply(to: context, .produce(response), error: .invalidRequiredAcks, effects: &effects)
        }
        var response = ProduceResponse()
        var growth: [Growth] = []
        var firstError = ErrorCode.none
        response.responses.reserveCapacity(request.topicData.count)
        for topicIndex in request.topicData.indices {
            let name = request.topicData[topicIndex].name
            let id = request.topicData[topicIndex].topicID
            var answer = ProduceResponse.TopicProduceResponse()
            answer.name = name
            answer.topicID = id
            let found = topics.name(name, or: id)
            let refusal = authorizationError(.write, topic: found ?? name, context)
            let known = refusal == nil ? found : nil
            for index in request.topicData[topicIndex].partitionData.indices {
                // Taken out of the request, so that the log becomes the only owner and need not copy.
                let records = request.topicData[topicIndex].partitionData[index].records.take()
                let partition = request.topicData[topicIndex].partitionData[index].index
                var result = append(
                    consume records, topic: known, unknown: refusal ?? Topics.unknown(name), partition: partition,
                    transactionalID: request.transactionalID, needsAllReplicas: acks == -1, context, growth: &growth)
                if firstError == .none { firstError = result.errorCode }
                if result.currentLeader.leaderID >= 0 {
                    addEndpoint(
                        of: result.currentLeader.leaderID, listener: context.listener, to: &response.nodeEndpoints)
                }
                result.index = partition
                answer.partitionResponses.append(result)
            }
            response.responses.append(answer)
        }
        if acks != 0 {
            reply(to: context, .produce(response), error: firstError, effects: &effects)
        } else if firstError != .none {
            close(context, reason: "produce without acknowledgement failed: \(firstError)", effects: &effects)
        } else {
            journal.end(context.number, .answered(.none), at: now)
            effects.append(.finish(context))
        }
        wakeFetches(growth, effects: &effects)
    }

    private mutating func append(
        _ records: consuming ByteBuffer?, topic: String?, unknown: ErrorCode, partition: Int32,
        transactionalID: String?, needsAllReplicas: Bool, _ context: RequestContext, growth: inout [Growth]
    ) -> ProduceResponse.PartitionProduceResponse {
        var result = ProduceResponse.PartitionProduceResponse()
        result.baseOffset = -1
        guard let topic else {
            result.errorCode = unknown
            return result
        }
        guard let slot = topics.slot(of: topic), let position = topics.position(of: partition, inSlot: slot) else {
            result.errorCode = .unknownTopicOrPartition
            return result
        }
        let leader = topics[slot: slot]?.partitions[position].leader ?? -1
        guard leader == context.broker else {
            result.errorCode = .notLeaderOrFollower
            result.currentLeader.leaderID = leader
            result.currentLeader.leaderEpoch = topics[slot: slot]?.partitions[position].leaderEpoch ?? -1
            return result
        }
        if needsAllReplicas, lacksReplicas(slot, position) {
            result.errorCode = .notEnoughReplicas
            return result
        }
        var rules = AppendRules()
        rules.allowsZstd = context.allowsZstdBatches
        topics[slot: slot]?.settings.restrict(&rules, now: now)
        if let stamp = records.flatMap(TransactionalStamp.init) {
            let partition = TopicPartition(topic: topic, partition: partition)
            result.errorCode = joinTransaction(transactionalID, stamp, partition, context)
            guard result.errorCode == .none else { return result }
            rules.isVerified = true
        }
        switch topics[slot: slot]?.partitions[position].append(consume records, rules, growth: &growth) {
        case .appended(let baseOffset):
            result.baseOffset = baseOffset
            result.logAppendTimeMs = rules.appendTime ?? -1
            result.logStartOffset = topics[slot: slot]?.partitions[position].log.startOffset ?? 0
            scheduleCleanup(topic, slot, position)
            storage.note(topic, position)
        case .duplicate(let baseOffset):
            result.baseOffset = baseOffset
            result.logStartOffset = topics[slot: slot]?.partitions[position].log.startOffset ?? 0
        case .refused(let error, let reason):
            result.errorCode = error
            result.errorMessage = reason
        case nil:
            result.errorCode = .unknownTopicOrPartition
        }
        return result
    }
}

extension Partition {
    /// Notes besides whom the batch wakes. In one call, for a partition that is only read is copied out of its array.
    fileprivate mutating func append(
        _ records: consuming ByteBuffer?, _ rules: AppendRules, growth: inout [Growth]
    ) -> AppendResult {
        let bytes = records?.readableBytes ?? 0
        let stable = lastStableOffset
        let result = append(consume records, rules)
        if case .appended = result, let grown = self.growth(bytes: bytes, stableBefore: stable) {
            growth.append(grown)
        }
        return result
    }
}

extension RequestContext {
    /// Zstandard came with version 7 (KIP-110); earlier consumers cannot be expected to read it.
    fileprivate var allowsZstdBatches: Bool { apiVersion >= 7 }
}

extension ProduceResponse {
    init(refusing request: ProduceRequest, with error: ErrorCode) {
        self.init()
        responses = request.topicData.map { topic in
            var answer = TopicProduceResponse()
            answer.name = topic.name
            answer.topicID = topic.topicID
            answer.partitionResponses = topic.partitionData.map { partition in
                var result = PartitionProduceResponse()
                result.index = partition.index
                result.errorCode = error
                result.baseOffset = -1
                return result
            }
            return answer
        }
    }
}
