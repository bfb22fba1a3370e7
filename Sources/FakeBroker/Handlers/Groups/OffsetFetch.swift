internal import KafkaProtocol

// OffsetFetch (key 9): where groups stand. A partition without a commit is -1, which is no error.
//
// To version 7 one group; from version 8 many (KIP-709); from version 10 topics by id. Null topics ask for all.

extension Cluster {
    mutating func offsetFetch(_ request: OffsetFetchRequest, _ context: RequestContext, effects: inout Effects) {
        var response = OffsetFetchResponse()
        response.groups = request.groups.map { answer($0, stableOnly: request.requireStable, context) }
        var error = response.groups.first?.errorCode ?? .none
        if request.groups.isEmpty {
            var only = OffsetFetchRequest.OffsetFetchRequestGroup()
            only.groupID = request.groupID
            only.topics = request.topics?.map { topic in
                var asked = OffsetFetchRequest.OffsetFetchRequestTopics()
                asked.name = topic.name
                asked.partitionIndexes = topic.partitionIndexes
                return asked
            }
            let found = answer(only, stableOnly: request.requireStable, context)
            error = found.errorCode
            if error == .none {
                response.topics = found.topics.map(OffsetFetchResponse.OffsetFetchResponseTopic.init)
            } else {
                response = OffsetFetchResponse(refusing: request, with: error)
            }
        }
        reply(to: context, .offsetFetch(response), error: error, effects: &effects)
    }

    private func answer(
        _ asked: OffsetFetchRequest.OffsetFetchRequestGroup, stableOnly: Bool, _ context: RequestContext
    ) -> OffsetFetchResponse.OffsetFetchResponseGroup {
        var answer = OffsetFetchResponse.OffsetFetchResponseGroup()
        answer.groupID = asked.groupID
        answer.errorCode = groupError(.describe, asked.groupID, context)
        if answer.errorCode == .none, let group = groups[consumer: asked.groupID] {
            answer.errorCode = group.checkFetch(memberID: asked.memberID, epoch: asked.memberEpoch)
        }
        guard answer.errorCode == .none else { return answer }
        if let topics = asked.topics {
            answer.topics = topics.map { committed($0, group: asked.groupID, context) }
        } else {
            answer.topics = allCommitted(group: asked.groupID).filter {
                authorize(.describe, .topic($0.name), context)
            }
        }
        if stableOnly, !transactions.offsets.isEmpty { hideUnstable(&answer) }
        return answer
    }

    /// Where a transaction that is open may move the group is told to nobody who asks for stable offsets (KIP-447).
    private func hideUnstable(_ answer: inout OffsetFetchResponse.OffsetFetchResponseGroup) {
        for topic in answer.topics.indices {
            let name =
                answer.topics[topic].name.isEmpty
                ? topics.name(of: answer.topics[topic].topicID) : answer.topics[topic].name
            guard let name else { continue }
            for index in answer.topics[topic].partitions.indices {
                let partition = TopicPartition(
                    topic: name, partition: answer.topics[topic].partitions[index].partitionIndex)
                guard answer.topics[topic].partitions[index].errorCode == .none,
                    transactions.offsets.isPending(group: answer.groupID, partition: partition)
                else { continue }
                answer.topics[topic].partitions[index].committedOffset = -1
                answer.topics[topic].partitions[index].committedLeaderEpoch = -1
                answer.topics[topic].partitions[index].metadata = ""
                answer.topics[topic].partitions[index].errorCode = .unstableOffsetCommit
            }
        }
    }

    private func committed(
        _ asked: OffsetFetchRequest.OffsetFetchRequestTopics, group: String, _ context: RequestContext
    ) -> OffsetFetchResponse.OffsetFetchResponseTopics {
        var answer = OffsetFetchResponse.OffsetFetchResponseTopics()
        answer.name = asked.name
        answer.topicID = asked.topicID
        let name = asked.name.isEmpty ? topics.name(of: asked.topicID) : asked.name
        let refusal = authorizationError(.describe, topic: name, context)
        answer.partitions = asked.partitionIndexes.map { index in
            let offset = (refusal == nil ? name : nil).flatMap {
                offsets.offset(group: group, partition: TopicPartition(topic: $0, partition: index))
            }
            var found = OffsetFetchResponse.OffsetFetchResponsePartitions(index, offset)
            found.errorCode = refusal ?? (name == nil ? .unknownTopicID : .none)
            return found
        }
        return answer
    }

    private func allCommitted(group: String) -> [OffsetFetchResponse.OffsetFetchResponseTopics] {
        var answers: [OffsetFetchResponse.OffsetFetchResponseTopics] = []
        for (partition, offset) in offsets.offsets(group: group) {
            if answers.last?.name != partition.topic {
                var answer = OffsetFetchResponse.OffsetFetchResponseTopics()
                answer.name = partition.topic
                answer.topicID = topics[partition.topic]?.id ?? .zero
                answers.append(answer)
            }
            answers[answers.count - 1].partitions.append(
                OffsetFetchResponse.OffsetFetchResponsePartitions(partition.partition, offset))
        }
        return answers
    }
}

extension OffsetFetchResponse.OffsetFetchResponsePartitions {
    fileprivate init(_ index: Int32, _ offset: CommittedOffset?) {
        self.init()
        partitionIndex = index
        committedOffset = offset?.offset ?? -1
        committedLeaderEpoch = offset?.leaderEpoch ?? -1
        metadata = offset?.metadata ?? ""
    }
}

extension OffsetFetchResponse.OffsetFetchResponseTopic {
    fileprivate init(_ topic: OffsetFetchResponse.OffsetFetchResponseTopics) {
        self.init()
        name = topic.name
        partitions = topic.partitions.map { partition in
            var found = OffsetFetchResponse.OffsetFetchResponsePartition()
            found.partitionIndex = partition.partitionIndex
            found.committedOffset = partition.committedOffset
            found.committedLeaderEpoch = partition.committedLeaderEpoch
            found.metadata = partition.metadata
            found.errorCode = partition.errorCode
            return found
        }
    }
}

extension OffsetFetchResponse {
    init(refusing request: OffsetFetchRequest, with error: ErrorCode) {
        self.init()
        errorCode = error
        groups = request.groups.map { asked in
            var answer = OffsetFetchResponseGroup()
            answer.groupID = asked.groupID
            answer.errorCode = error
            return answer
        }
        // Versions 0 and 1 have no error but each partition's.
        topics = (request.topics ?? []).map { asked in
            var answer = OffsetFetchResponseTopic()
            answer.name = asked.name
            answer.partitions = asked.partitionIndexes.map { index in
                var found = OffsetFetchResponsePartition()
                found.partitionIndex = index
                found.committedOffset = -1
                found.errorCode = error
                return found
            }
            return answer
        }
    }
}
