internal import KafkaProtocol

// DeleteTopics (key 20): by name, from version 6 by id too. Records and committed offsets go at once.

extension Cluster {
    mutating func deleteTopics(_ request: DeleteTopicsRequest, _ context: RequestContext, effects: inout Effects) {
        var response = DeleteTopicsResponse()
        for asked in request.allTopics {
            var answer = DeleteTopicsResponse.DeletableTopicResult()
            answer.name = asked.name ?? topics.name(of: asked.topicID)
            answer.topicID = answer.name.flatMap { topics[$0]?.id } ?? asked.topicID
            if let refusal = authorizationError(.delete, topic: answer.name, context) {
                // Who may not see it is not told what an id belongs to.
                if asked.name == nil, !authorize(.describe, .topic(answer.name ?? ""), context) { answer.name = nil }
                answer.topicID = asked.topicID
                answer.errorCode = refusal
            } else if answer.name != nil, isMutationRefused(context) {
                answer.errorCode = .throttlingQuotaExceeded
            } else if let name = answer.name {
                tookMutations(topics[name]?.partitions.count ?? 0, context)
                if !deleteTopic(name, effects: &effects) { answer.errorCode = .unknownTopicOrPartition }
            } else {
                answer.errorCode = .unknownTopicID
            }
            response.responses.append(answer)
        }
        let firstError = response.responses.first { $0.errorCode != .none }?.errorCode ?? .none
        reply(to: context, .deleteTopics(response), error: firstError, effects: &effects)
    }

    /// Returns whether there was such a topic. Whoever waits for records of it is told that it is gone.
    mutating func deleteTopic(_ name: String, effects: inout Effects) -> Bool {
        guard let topic = topics.remove(name) else { return false }
        storage.note(topic: name)
        offsets.forget(topic: name)
        groups.forget(topic.id)
        transactions.forget(topic: name)
        logDirectories.forget(topic: name)
        for partition in topic.partitions {
            for id in partition.waitingFetches { expireFetch(id, effects: &effects) }
        }
        wakeShareFetches(of: nil, effects: &effects)
        return true
    }
}

extension DeleteTopicsRequest {
    /// However the version names them.
    fileprivate var allTopics: [DeleteTopicState] {
        topics
            + topicNames.map { name in
                var topic = DeleteTopicState()
                topic.name = name
                return topic
            }
    }
}

extension DeleteTopicsResponse {
    init(refusing request: DeleteTopicsRequest, with error: ErrorCode) {
        self.init()
        responses = request.allTopics.map { asked in
            var answer = DeletableTopicResult()
            answer.name = asked.name
            answer.topicID = asked.topicID
            answer.errorCode = error
            return answer
        }
    }
}
