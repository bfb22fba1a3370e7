internal import KafkaProtocol

// CreatePartitions (key 37): more partitions for a topic; they are empty, and are placed like its others.

extension Cluster {
    mutating func createPartitions(
        _ request: CreatePartitionsRequest, _ context: RequestContext, effects: inout Effects
    ) {
        var response = CreatePartitionsResponse()
        var timesNamed: [String: Int] = [:]
        for asked in request.topics { timesNamed[asked.name, default: 0] += 1 }
        for asked in request.topics {
            var answer = CreatePartitionsResponse.CreatePartitionsTopicResult()
            answer.name = asked.name
            do throws(TopicRefusal) {
                guard authorize(.alter, .topic(asked.name), context) else {
                    throw TopicRefusal(code: .topicAuthorizationFailed, message: "ALTER on topic '\(asked.name)'.")
                }
                guard timesNamed[asked.name] == 1 else {
                    throw TopicRefusal(
                        code: .invalidRequest, message: "Topic '\(asked.name)' is named more than once.")
                }
                guard !isMutationRefused(context) else { throw .throttled }
                let present = topics[asked.name]?.partitions.count ?? 0
                try addPartitions(
                    to: asked.name, count: Int(asked.count), replicas: asked.assignments?.map(\.brokerIDs),
                    validateOnly: request.validateOnly)
                tookMutations((topics[asked.name]?.partitions.count ?? present) - present, context)
            } catch {
                answer.errorCode = error.code
                answer.errorMessage = error.message
            }
            response.results.append(answer)
        }
        let firstError = response.results.first { $0.errorCode != .none }?.errorCode ?? .none
        reply(to: context, .createPartitions(response), error: firstError, effects: &effects)
    }

    /// - Parameters:
    ///   - count: how many there are to be in the end.
    ///   - replicas: of each new one; nil: as the topic's others go around the brokers.
    mutating func addPartitions(
        to name: String, count: Int, replicas: [[Int32]]? = nil, validateOnly: Bool = false
    ) throws(TopicRefusal) {
        guard let topic = topics[name] else {
            throw TopicRefusal(code: .unknownTopicOrPartition, message: "There is no topic '\(name.prefix(300))'.")
        }
        let present = topic.partitions.count
        guard count > present, count <= settings.limits.partitionsPerTopic else {
            throw TopicRefusal(
                code: .invalidPartitions,
                message: "Topic '\(name)' has \(present) partitions; accepted are more, up to "
                    + "\(settings.limits.partitionsPerTopic), not \(count).")
        }
        let width = topic.partitions.first?.replicas.count ?? 1
        if let replicas {
            let isValid =
                replicas.count == count - present
                && replicas.allSatisfy { ids in
                    ids.count == width && Set(ids).count == width && ids.allSatisfy { brokers[$0] != nil }
                }
            guard isValid else {
                throw TopicRefusal(
                    code: .invalidReplicaAssignment,
                    message: "Topic '\(name)': accepted are assignments for \(count - present) partitions, each of "
                        + "\(width) different brokers of \(brokers.ids).")
            }
        }
        guard !validateOnly else { return }
        let first = topic.partitions.first.flatMap { brokers.ids.firstIndex(of: $0.replicas[0]) } ?? 0
        for index in present..<count {
            let ids = replicas?[index - present] ?? brokers.ring(from: first + index, count: width)
            topics[name]?.partitions.append(
                Partition(index: Int32(index), replicas: ids, leader: ids.first(where: brokers.isUp) ?? -1))
        }
        storage.note(topic: name)
    }
}

extension CreatePartitionsResponse {
    init(refusing request: CreatePartitionsRequest, with error: ErrorCode) {
        self.init()
        results = request.topics.map { topic in
            var answer = CreatePartitionsTopicResult()
            answer.name = topic.name
            answer.errorCode = error
            return answer
        }
    }
}
