internal import KafkaProtocol

// ListOffsets (key 2): the offset that belongs to a timestamp, or to one of the special ones below.
//
// There is no tiered storage here: everything is local, so -4 is the start and -5 is unknown.

/// What a negative timestamp asks for.
private enum SpecialTimestamp {
    static let latest: Int64 = -1
    static let earliest: Int64 = -2
    static let maxTimestamp: Int64 = -3
    static let earliestLocal: Int64 = -4
    static let latestTiered: Int64 = -5
    static let earliestPendingUpload: Int64 = -6
}

extension Cluster {
    mutating func listOffsets(_ request: ListOffsetsRequest, _ context: RequestContext, effects: inout Effects) {
        var response = ListOffsetsResponse()
        var firstError = ErrorCode.none
        for asked in request.topics {
            var answer = ListOffsetsResponse.ListOffsetsTopicResponse()
            answer.name = asked.name
            let refusal = authorizationError(.describe, topic: asked.name, context)
            for partition in asked.partitions {
                var found = offset(
                    for: partition, of: refusal == nil ? topics[asked.name] : nil, broker: context.broker,
                    committedOnly: request.isolationLevel == 1)
                if let refusal { found.errorCode = refusal }
                if firstError == .none { firstError = found.errorCode }
                answer.partitions.append(found)
            }
            response.topics.append(answer)
        }
        reply(to: context, .listOffsets(response), error: firstError, effects: &effects)
    }

    private func offset(
        for asked: ListOffsetsRequest.ListOffsetsPartition, of topic: Topic?, broker: Int32, committedOnly: Bool
    ) -> ListOffsetsResponse.ListOffsetsPartitionResponse {
        var found = ListOffsetsResponse.ListOffsetsPartitionResponse()
        found.partitionIndex = asked.partitionIndex
        guard let topic, let position = topic.position(of: asked.partitionIndex) else {
            found.errorCode = .unknownTopicOrPartition
            return found
        }
        let partition = topic.partitions[position]
        found.errorCode = partition.leadershipError(broker: broker, leaderEpoch: asked.currentLeaderEpoch)
        guard found.errorCode == .none else { return found }
        let log = partition.log
        found.leaderEpoch = partition.leaderEpoch
        let end = committedOnly ? partition.lastStableOffset : log.endOffset
        switch asked.timestamp {
        case SpecialTimestamp.latest, SpecialTimestamp.earliestPendingUpload:
            found.offset = end
        case SpecialTimestamp.earliest, SpecialTimestamp.earliestLocal:
            found.offset = log.startOffset
            found.leaderEpoch = log.epochs.epoch(of: log.startOffset) ?? partition.leaderEpoch
        case SpecialTimestamp.latestTiered:
            found.leaderEpoch = -1
        case SpecialTimestamp.maxTimestamp:
            set(&found, to: log.recordWithGreatestTimestamp(), before: end, log.epochs)
        default:
            set(&found, to: log.firstRecord(notBefore: asked.timestamp), before: end, log.epochs)
        }
        // Version 0 asks for a list of offsets, latest first.
        found.oldStyleOffsets = found.offset >= 0 && asked.maxNumOffsets > 0 ? [found.offset] : []
        return found
    }

    private func set(
        _ found: inout ListOffsetsResponse.ListOffsetsPartitionResponse, to record: PartitionLog.TimestampedOffset?,
        before end: Int64, _ epochs: LeaderEpochs
    ) {
        guard let record, record.offset < end else {
            found.leaderEpoch = -1
            return
        }
        found.leaderEpoch = epochs.epoch(of: record.offset) ?? found.leaderEpoch
        found.offset = record.offset
        found.timestamp = record.timestamp
    }
}

extension ListOffsetsResponse {
    init(refusing request: ListOffsetsRequest, with error: ErrorCode) {
        self.init()
        topics = request.topics.map { topic in
            var answer = ListOffsetsTopicResponse()
            answer.name = topic.name
            answer.partitions = topic.partitions.map { partition in
                var found = ListOffsetsPartitionResponse()
                found.partitionIndex = partition.partitionIndex
                found.errorCode = error
                return found
            }
            return answer
        }
    }
}
