internal import KafkaProtocol

// ElectLeaders (key 43): the first replica of each partition leads again (preferred), or, where nobody leads, any that
// is up (unclean). All replicas share one log here, so whoever is up leads already and unclean elections find nothing.

extension Cluster {
    private enum ElectionType {
        static let preferred: Int8 = 0
        static let unclean: Int8 = 1
    }

    mutating func electLeaders(_ request: ElectLeadersRequest, _ context: RequestContext, effects: inout Effects) {
        var response = ElectLeadersResponse()
        guard [ElectionType.preferred, ElectionType.unclean].contains(request.electionType) else {
            response = ElectLeadersResponse(refusing: request, with: .invalidRequest)
            return reply(to: context, .electLeaders(response), error: .invalidRequest, effects: &effects)
        }
        let all = topics.all.map { topic in
            var asked = ElectLeadersRequest.TopicPartitions()
            asked.topic = topic.name
            asked.partitions = topic.partitions.map(\.index)
            return asked
        }
        for asked in request.topicPartitions ?? all {
            var answer = ElectLeadersResponse.ReplicaElectionResult()
            answer.topic = asked.topic
            for partition in asked.partitions {
                var result = ElectLeadersResponse.PartitionResult()
                result.partitionID = partition
                let isPreferred = request.electionType == ElectionType.preferred
                result.errorCode = elect(asked.topic, partition, preferred: isPreferred, effects: &effects)
                // Whoever asks for all is told of those for which something was to be done.
                if request.topicPartitions == nil, result.errorCode == .electionNotNeeded { continue }
                if result.errorCode != .none { result.errorMessage = Self.reason(result.errorCode) }
                answer.partitionResult.append(result)
            }
            if request.topicPartitions != nil || !answer.partitionResult.isEmpty {
                response.replicaElectionResults.append(answer)
            }
        }
        let results = response.replicaElectionResults.flatMap(\.partitionResult)
        let firstError = results.first { $0.errorCode != .none }?.errorCode ?? .none
        reply(to: context, .electLeaders(response), error: firstError, effects: &effects)
    }

    private mutating func elect(
        _ topic: String, _ index: Int32, preferred: Bool, effects: inout Effects
    ) -> ErrorCode {
        guard let position = topics[topic]?.position(of: index), let partition = topics[topic]?.partitions[position]
        else { return .unknownTopicOrPartition }
        if preferred {
            guard let first = partition.replicas.first else { return .preferredLeaderNotAvailable }
            guard partition.leader != first else { return .electionNotNeeded }
            guard brokers.isUp(first) else { return .preferredLeaderNotAvailable }
            lead(topic, position, by: first, effects: &effects)
            return .none
        }
        return partition.leader >= 0 ? .electionNotNeeded : .eligibleLeadersNotAvailable
    }

    private static func reason(_ error: ErrorCode) -> String {
        switch error {
        case .electionNotNeeded: "Leader election not needed for topic partition."
        case .preferredLeaderNotAvailable: "The preferred leader was not available."
        case .eligibleLeadersNotAvailable: "Eligible topic partition leaders are not available."
        default: "There is no such partition."
        }
    }
}

extension ElectLeadersResponse {
    init(refusing request: ElectLeadersRequest, with error: ErrorCode) {
        self.init()
        errorCode = error
        replicaElectionResults = (request.topicPartitions ?? []).map { topic in
            var answer = ReplicaElectionResult()
            answer.topic = topic.topic
            answer.partitionResult = topic.partitions.map { partition in
                var result = PartitionResult()
                result.partitionID = partition
                result.errorCode = error
                return result
            }
            return answer
        }
    }
}
