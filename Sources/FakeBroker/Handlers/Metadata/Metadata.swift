internal import KafkaProtocol

// Metadata (key 3): the brokers that are up, and topics with their leaders.
//
// A topic that is asked for by name and is not there is created, if the cluster and the request allow it, and told
// about in the same reply.

extension Cluster {
    mutating func metadata(_ request: MetadataRequest, _ context: RequestContext, effects: inout Effects) {
        var response = MetadataResponse()
        response.clusterID = clusterID
        response.controllerID = brokers.controller
        response.brokers = brokers.up.map { broker in
            var described = MetadataResponse.MetadataResponseBroker()
            described.nodeID = broker.id
            described.host = broker.host
            described.port = broker.ports[context.listener]
            described.rack = broker.rack
            return described
        }
        if let asked = request.topics, !(asked.isEmpty && context.asksForAllTopicsByEmptyList) {
            response.topics = asked.map { describe($0, mayCreate: request.allowAutoTopicCreation, context) }
        } else {
            // Topics that may not be seen are not there.
            response.topics = topics.all.filter { authorize(.describe, .topic($0.name), context) }.map(describe)
        }
        if request.includeTopicAuthorizedOperations {
            for index in response.topics.indices where response.topics[index].errorCode == .none {
                response.topics[index].topicAuthorizedOperations = authorizedOperations(
                    on: .topic(response.topics[index].name ?? ""), context)
            }
        }
        if request.includeClusterAuthorizedOperations {
            // As in Kafka nothing is told to those who may not look.
            response.clusterAuthorizedOperations =
                authorize(.describe, .cluster, context) ? authorizedOperations(on: .cluster, context) : 0
        }
        let firstError = response.topics.first { $0.errorCode != .none }?.errorCode ?? .none
        reply(to: context, .metadata(response), error: firstError, effects: &effects)
    }

    private mutating func describe(
        _ asked: MetadataRequest.MetadataRequestTopic, mayCreate: Bool, _ context: RequestContext
    ) -> MetadataResponse.MetadataResponseTopic {
        var unknown = MetadataResponse.MetadataResponseTopic()
        guard let name = asked.name else {
            if let topic = topics.name(of: asked.topicID).flatMap({ topics[$0] }),
                authorize(.describe, .topic(topic.name), context)
            {
                return describe(topic)
            }
            unknown.topicID = asked.topicID
            unknown.errorCode = .unknownTopicID
            // Null came later than ids did.
            unknown.name = ""
            return unknown
        }
        unknown.name = name
        guard authorize(.describe, .topic(name), context) else {
            unknown.errorCode = .topicAuthorizationFailed
            return unknown
        }
        if let topic = topics[name] { return describe(topic) }
        guard Topics.isValid(name: name) else {
            unknown.errorCode = .invalidTopicException
            return unknown
        }
        guard mayCreate, settings.autoCreateTopics else {
            unknown.errorCode = .unknownTopicOrPartition
            return unknown
        }
        guard mayCreateTopic(name, context) else {
            unknown.errorCode = .topicAuthorizationFailed
            return unknown
        }
        switch createTopic(name, partitions: nil, replicationFactor: nil) {
        case .success(let topic):
            return describe(topic)
        case .failure(let refusal):
            unknown.errorCode = refusal.code
            return unknown
        }
    }

    private func describe(_ topic: Topic) -> MetadataResponse.MetadataResponseTopic {
        var described = MetadataResponse.MetadataResponseTopic()
        described.name = topic.name
        described.topicID = topic.id
        described.partitions = topic.partitions.map { partition in
            var answer = MetadataResponse.MetadataResponsePartition()
            answer.partitionIndex = partition.index
            answer.leaderID = partition.leader
            answer.leaderEpoch = partition.leaderEpoch
            answer.errorCode = partition.leader == -1 ? .leaderNotAvailable : .none
            answer.replicaNodes = partition.replicas
            answer.isrNodes = partition.replicas.filter(brokers.isUp)
            answer.offlineReplicas = partition.replicas.filter { !brokers.isUp($0) }
            return answer
        }
        return described
    }
}

extension RequestContext {
    fileprivate var asksForAllTopicsByEmptyList: Bool { apiVersion == 0 }
}

extension MetadataResponse {
    init(refusing request: MetadataRequest, with error: ErrorCode) {
        self.init()
        // Version 13 has an error for the whole; before it, only topics have.
        errorCode = error
        topics = (request.topics ?? []).map { asked in
            var answer = MetadataResponseTopic()
            answer.name = asked.name ?? ""
            answer.topicID = asked.topicID
            answer.errorCode = error
            return answer
        }
    }
}
