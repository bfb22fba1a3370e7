internal import KafkaProtocol
internal import OrderedCollections

// CreateTopics (key 19). Any broker takes it, as in a cluster without ZooKeeper.

/// Why a topic was not created.
struct TopicRefusal: Error {
    var code: ErrorCode
    var message: String
}

extension Cluster {
    mutating func createTopics(_ request: CreateTopicsRequest, _ context: RequestContext, effects: inout Effects) {
        var response = CreateTopicsResponse()
        var timesNamed: [String: Int] = [:]
        for asked in request.topics { timesNamed[asked.name, default: 0] += 1 }
        for asked in request.topics {
            var answer = CreateTopicsResponse.CreatableTopicResult()
            answer.name = asked.name
            let isRepeated = timesNamed[asked.name] != 1
            let result: Result<Topic, TopicRefusal> =
                if isRepeated {
                    .failure(.namedTwice(asked.name))
                } else if !mayCreateTopic(asked.name, context) {
                    .failure(.notAuthorized(asked.name))
                } else if isMutationRefused(context) {
                    .failure(.throttled)
                } else {
                    create(asked, validateOnly: request.validateOnly)
                }
            switch result {
            case .success(let topic):
                if !request.validateOnly {
                    answer.topicID = topic.id
                    tookMutations(topic.partitions.count, context)
                }
                answer.numPartitions = Int32(topic.partitions.count)
                answer.replicationFactor = Int16(topic.partitions.first?.replicas.count ?? 0)
                answer.configs = topic.settings.created
            case .failure(let refusal):
                answer.errorCode = refusal.code
                answer.errorMessage = refusal.message
            }
            response.topics.append(answer)
        }
        let firstError = response.topics.first { $0.errorCode != .none }?.errorCode ?? .none
        reply(to: context, .createTopics(response), error: firstError, effects: &effects)
    }

    /// Who may create any topic may create this one.
    func mayCreateTopic(_ name: String, _ context: RequestContext) -> Bool {
        authorize(.create, .cluster, context) || authorize(.create, .topic(name), context)
    }

    private mutating func create(
        _ asked: CreateTopicsRequest.CreatableTopic, validateOnly: Bool
    ) -> Result<Topic, TopicRefusal> {
        var configs: OrderedDictionary<String, String> = [:]
        for config in asked.configs {
            guard let value = config.value else {
                return .failure(
                    TopicRefusal(
                        code: .invalidConfig,
                        message: "Null value not supported for topic configs: \(config.name)"))
            }
            configs[config.name] = value
        }
        if asked.assignments.isEmpty {
            return createTopic(
                asked.name, partitions: asked.numPartitions == -1 ? nil : Int(asked.numPartitions),
                replicationFactor: asked.replicationFactor == -1 ? nil : Int(asked.replicationFactor),
                configs: configs, validateOnly: validateOnly)
        }
        guard asked.numPartitions == -1, asked.replicationFactor == -1 else {
            return .failure(
                TopicRefusal(
                    code: .invalidRequest,
                    message: "Topic \(asked.name) has an assignment of replicas, and counts besides."))
        }
        guard asked.assignments.count <= settings.limits.partitionsPerTopic else {
            return .failure(.tooManyPartitions(asked.name, asked.assignments.count, settings.limits))
        }
        let assignments = asked.assignments.sorted { $0.partitionIndex < $1.partitionIndex }
        let replicas = assignments.map(\.brokerIDs)
        guard assignments.enumerated().allSatisfy({ Int($1.partitionIndex) == $0 }),
            replicas.allSatisfy({ ids in
                !ids.isEmpty && Set(ids).count == ids.count && ids.allSatisfy { brokers[$0] != nil }
                    && ids.count == replicas[0].count
            })
        else {
            return .failure(
                TopicRefusal(
                    code: .invalidReplicaAssignment,
                    message: "Topic \(asked.name): partitions must be 0, 1, …, each with as many different brokers, "
                        + "of 1 to \(brokers.all.count)."))
        }
        return createTopic(asked.name, replicas: replicas, configs: configs, validateOnly: validateOnly)
    }

    /// Nil partitions or replicas: as many as the cluster's settings say.
    mutating func createTopic(
        _ name: String, partitions: Int?, replicationFactor: Int?, configs: OrderedDictionary<String, String> = [:],
        validateOnly: Bool = false
    ) -> Result<Topic, TopicRefusal> {
        let partitions = partitions ?? settings.defaultPartitions
        let replicas = replicationFactor ?? settings.defaultReplicationFactor ?? min(3, brokers.all.count)
        guard 1...settings.limits.partitionsPerTopic ~= partitions else {
            return .failure(.tooManyPartitions(name, partitions, settings.limits))
        }
        guard 1...brokers.all.count ~= replicas else {
            return .failure(
                TopicRefusal(
                    code: .invalidReplicationFactor,
                    message: "Topic \(name): \(replicas) replicas; "
                        + "1 to \(brokers.all.count), the number of brokers, are accepted."))
        }
        let first = Int(random.next() % UInt64(brokers.all.count))
        let placement = (0..<partitions).map { brokers.ring(from: first + $0, count: replicas) }
        return createTopic(name, replicas: placement, configs: configs, validateOnly: validateOnly)
    }

    private mutating func createTopic(
        _ name: String, replicas: [[Int32]], configs: OrderedDictionary<String, String>, validateOnly: Bool
    ) -> Result<Topic, TopicRefusal> {
        guard Topics.isValid(name: name) else {
            return .failure(
                TopicRefusal(
                    code: .invalidTopicException,
                    message: "Topic name '\(name)' is not valid: 1 to 249 letters, digits, '.', '_' and '-' are."))
        }
        guard topics[name] == nil else {
            return .failure(TopicRefusal(code: .topicAlreadyExists, message: "Topic '\(name)' already exists."))
        }
        guard topics.count < settings.limits.topics else {
            return .failure(
                TopicRefusal(
                    code: .policyViolation,
                    message: "The cluster has \(topics.count) topics, its limit."))
        }
        var topicSettings = defaultTopicSettings
        do throws(TopicSettings.Invalid) {
            try topicSettings.replaceOwn(configs)
        } catch {
            return .failure(TopicRefusal(code: .invalidConfig, message: error.description))
        }
        let topic = Topic(
            name: name, id: TopicID(high: random.next(), low: random.next()),
            partitions: replicas.enumerated().map { index, replicas in
                Partition(
                    index: Int32(index), replicas: replicas, leader: replicas.first(where: brokers.isUp) ?? -1)
            }, settings: topicSettings)
        if !validateOnly {
            topics.insert(topic)
            storage.note(topic: name)
        }
        return .success(topic)
    }
}

extension TopicRefusal {
    fileprivate static func notAuthorized(_ topic: String) -> TopicRefusal {
        TopicRefusal(
            code: .topicAuthorizationFailed, message: "Authorization failed: CREATE on topic '\(topic)' or the cluster."
        )
    }

    fileprivate static func tooManyPartitions(
        _ topic: String, _ count: Int, _ limits: FakeBroker.Limits
    ) -> TopicRefusal {
        TopicRefusal(
            code: .invalidPartitions,
            message: "Topic '\(topic)': \(count) partitions; 1 to \(limits.partitionsPerTopic) are accepted.")
    }

    fileprivate static func namedTwice(_ topic: String) -> TopicRefusal {
        TopicRefusal(code: .invalidRequest, message: "Topic '\(topic)' is named more than once.")
    }
}

extension TopicSettings {
    /// All of them, as a topic's creator is told.
    fileprivate var created: [CreateTopicsResponse.CreatableTopicConfigs] {
        Self.definitions.map { definition in
            var config = CreateTopicsResponse.CreatableTopicConfigs()
            config.name = definition.name
            config.value = value(of: definition.name)
            config.configSource = source(of: definition.name).rawValue
            return config
        }
    }
}

extension CreateTopicsResponse {
    init(refusing request: CreateTopicsRequest, with error: ErrorCode) {
        self.init()
        topics = request.topics.map { asked in
            var answer = CreatableTopicResult()
            answer.name = asked.name
            answer.errorCode = error
            return answer
        }
    }
}
