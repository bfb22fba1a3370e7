internal import KafkaProtocol

// DescribeTopicPartitions (key 75): topics by name, in alphabetical order, page by page.

extension Cluster {
    /// Partitions of one page, whatever is asked for (Kafka: `max.request.partition.size.limit`).
    private static let pageLimit = 2000

    mutating func describeTopicPartitions(
        _ request: DescribeTopicPartitionsRequest, _ context: RequestContext, effects: inout Effects
    ) {
        var response = DescribeTopicPartitionsResponse()
        let isAll = request.topics.isEmpty
        // Topics that may not be seen are not there, unless they were named.
        let names =
            isAll
            ? topics.allNames.filter { authorize(.describe, .topic($0), context) }.sorted()
            : Set(request.topics.map(\.name)).sorted()
        var left = min(max(1, Int(request.responsePartitionLimit)), Self.pageLimit)
        var firstError = ErrorCode.none
        for name in names where name >= request.cursor?.topicName ?? "" {
            let start = name == request.cursor?.topicName ? max(0, Int(request.cursor?.partitionIndex ?? 0)) : 0
            guard left > 0 else {
                response.nextCursor = .init(name, start)
                break
            }
            var answer = describePartitions(of: name, from: start, limit: left, context)
            if answer.errorCode != .none, firstError == .none { firstError = answer.errorCode }
            left -= answer.partitions.count
            if answer.errorCode == .none {
                answer.topicAuthorizedOperations = authorizedOperations(on: .topic(name), context)
            }
            response.topics.append(answer)
            let next = start + answer.partitions.count
            if answer.errorCode == .none, next < topics[name]?.partitions.count ?? 0 {
                response.nextCursor = .init(name, next)
                break
            }
        }
        reply(to: context, .describeTopicPartitions(response), error: firstError, effects: &effects)
    }

    private func describePartitions(
        of name: String, from start: Int, limit: Int, _ context: RequestContext
    ) -> DescribeTopicPartitionsResponse.DescribeTopicPartitionsResponseTopic {
        var answer = DescribeTopicPartitionsResponse.DescribeTopicPartitionsResponseTopic()
        answer.name = name
        guard authorize(.describe, .topic(name), context) else {
            answer.errorCode = .topicAuthorizationFailed
            return answer
        }
        guard let topic = topics[name] else {
            answer.errorCode = Topics.isValid(name: name) ? .unknownTopicOrPartition : .invalidTopicException
            return answer
        }
        answer.topicID = topic.id
        answer.partitions = topic.partitions.dropFirst(start).prefix(limit).map { partition in
            var told = DescribeTopicPartitionsResponse.DescribeTopicPartitionsResponsePartition()
            told.partitionIndex = partition.index
            told.leaderID = partition.leader
            told.leaderEpoch = partition.leaderEpoch
            told.errorCode = partition.leader == -1 ? .leaderNotAvailable : .none
            told.replicaNodes = partition.replicas
            told.isrNodes = partition.replicas.filter(brokers.isUp)
            told.offlineReplicas = partition.replicas.filter { !brokers.isUp($0) }
            told.eligibleLeaderReplicas = []
            told.lastKnownElr = []
            return told
        }
        return answer
    }
}

extension DescribeTopicPartitionsResponse.Cursor {
    fileprivate init(_ topic: String, _ partition: Int) {
        self.init()
        topicName = topic
        partitionIndex = Int32(partition)
    }
}

extension DescribeTopicPartitionsResponse {
    init(refusing request: DescribeTopicPartitionsRequest, with error: ErrorCode) {
        self.init()
        topics = request.topics.map { topic in
            var answer = DescribeTopicPartitionsResponseTopic()
            answer.name = topic.name
            answer.errorCode = error
            return answer
        }
    }
}
