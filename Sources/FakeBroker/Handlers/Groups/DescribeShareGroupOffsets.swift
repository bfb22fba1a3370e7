internal import KafkaProtocol
internal import OrderedCollections

// DescribeShareGroupOffsets (key 90): from where on share groups have not done with records (KIP-932). A partition of
// which a group knows nothing is at -1, which is no error. Version 1 tells how many records are left (KIP-1226).

extension Cluster {
    mutating func describeShareGroupOffsets(
        _ request: DescribeShareGroupOffsetsRequest, _ context: RequestContext, effects: inout Effects
    ) {
        var response = DescribeShareGroupOffsetsResponse()
        response.groups = request.groups.map { describeOffsets($0, context) }
        let firstError = response.groups.first { $0.errorCode != .none }?.errorCode ?? .none
        reply(to: context, .describeShareGroupOffsets(response), error: firstError, effects: &effects)
    }

    private func describeOffsets(
        _ asked: DescribeShareGroupOffsetsRequest.DescribeShareGroupOffsetsRequestGroup, _ context: RequestContext
    ) -> DescribeShareGroupOffsetsResponse.DescribeShareGroupOffsetsResponseGroup {
        var answer = DescribeShareGroupOffsetsResponse.DescribeShareGroupOffsetsResponseGroup()
        answer.groupID = asked.groupID
        answer.errorCode = groupError(.describe, asked.groupID, context)
        guard answer.errorCode == .none else { return answer }
        let group = groups[share: asked.groupID]
        guard let named = asked.topics else {
            guard let group else {
                answer.errorCode = .groupIDNotFound
                answer.errorMessage = notShareGroup(asked.groupID)
                return answer
            }
            let known = PartitionSet(group.partitions.keys).byTopic.compactMap { element in
                topics.name(of: element.topicID).map { (name: $0, partitions: element.partitions) }
            }
            answer.topics = known.filter { authorize(.describe, .topic($0.name), context) }
                .map { describeOffsets(of: $0.name, $0.partitions, group, refusal: nil) }
            return answer
        }
        answer.topics = named.map { topic in
            let refusal = authorizationError(.describe, topic: topic.topicName, context)
            return describeOffsets(of: topic.topicName, topic.partitions, group, refusal: refusal)
        }
        return answer
    }

    private func describeOffsets(
        of name: String, _ partitions: [Int32], _ group: ShareGroup?, refusal: ErrorCode?
    ) -> DescribeShareGroupOffsetsResponse.DescribeShareGroupOffsetsResponseTopic {
        let topic = refusal == nil ? topics[name] : nil
        var answer = DescribeShareGroupOffsetsResponse.DescribeShareGroupOffsetsResponseTopic()
        answer.topicName = name
        answer.topicID = topic?.id ?? .zero
        answer.partitions = partitions.map { index in
            var found = DescribeShareGroupOffsetsResponse.DescribeShareGroupOffsetsResponsePartition()
            found.partitionIndex = index
            found.startOffset = -1
            found.errorCode = refusal ?? .none
            guard let topic, let position = topic.position(of: index) else { return found }
            let partition = topic.partitions[position]
            found.leaderEpoch = partition.leaderEpoch
            let key = TopicIDPartition(topicID: topic.id, partition: index)
            guard let share = group?.partitions[key] else { return found }
            let end = partition.log.endOffset
            found.startOffset = share.startOffset
            found.lag = max(0, end - share.startOffset - share.doneCount(before: end))
            return found
        }
        return answer
    }
}

extension DescribeShareGroupOffsetsResponse {
    init(refusing request: DescribeShareGroupOffsetsRequest, with error: ErrorCode) {
        self.init()
        groups = request.groups.map { asked in
            var answer = DescribeShareGroupOffsetsResponseGroup()
            answer.groupID = asked.groupID
            answer.errorCode = error
            return answer
        }
    }
}
