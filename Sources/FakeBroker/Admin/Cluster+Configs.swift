internal import KafkaProtocol
internal import OrderedCollections

// The settings of all resources as the four requests about them see them.

/// Why settings are not told or not changed.
struct ConfigRefusal: Error {
    var code: ErrorCode
    var message: String
}

/// One setting as it is told.
struct ConfigEntry {
    var definition: TopicSettings.Definition
    var value: String
    var source: ConfigSource
    var isReadOnly = false
    /// Where the value comes from and would come from next, the one in force first.
    var synonyms: [(name: String, value: String, source: ConfigSource)] = []
}

extension Cluster {
    /// The kind of a resource, if whoever asked may do this to it, and it is there.
    func configResource(
        _ number: Int8, _ name: String, _ operation: FakeBroker.ACL.Operation, _ context: RequestContext
    ) throws(ConfigRefusal) -> ConfigResourceType {
        let type = ConfigResourceType(rawValue: number)
        switch type {
        case .topic:
            guard authorize(operation, .topic(name), context) else {
                throw ConfigRefusal(code: .topicAuthorizationFailed, message: "\(operation) on topic '\(name)'.")
            }
        case .group:
            guard authorize(operation, .group(name), context) else {
                throw ConfigRefusal(code: .groupAuthorizationFailed, message: "\(operation) on group '\(name)'.")
            }
        case .broker, .brokerLogger, .clientMetrics, nil:
            guard authorize(operation, .cluster, context) else {
                throw ConfigRefusal(code: .clusterAuthorizationFailed, message: "\(operation) on the cluster.")
            }
        }
        guard let type else {
            let known = ConfigResourceType.allCases.map { "\($0.rawValue) (\($0))" }.joined(separator: ", ")
            throw ConfigRefusal(
                code: .invalidRequest, message: "Resource type \(number) is not known; accepted are \(known).")
        }
        switch type {
        case .topic:
            guard topics[name] != nil else {
                let isValid = Topics.isValid(name: name)
                throw ConfigRefusal(
                    code: isValid ? .unknownTopicOrPartition : .invalidTopicException,
                    message: "There is no topic '\(name.prefix(300))'.")
            }
        case .broker, .brokerLogger:
            let isCommon = name.isEmpty && type == .broker
            guard isCommon || Int32(name).flatMap({ brokers[$0] }) != nil else {
                throw ConfigRefusal(
                    code: .invalidRequest,
                    message: "There is no broker '\(name.prefix(100))'; there are \(brokers.ids), and '' for all.")
            }
        case .clientMetrics, .group:
            guard !name.isEmpty else {
                throw ConfigRefusal(code: .invalidRequest, message: "The resource's name is empty.")
            }
        }
        return type
    }

    // MARK: Telling

    /// All settings of a resource, in alphabetical order.
    func configEntries(_ type: ConfigResourceType, _ name: String) -> [ConfigEntry] {
        switch type {
        case .topic: (topics[name]?.settings).map(topicEntries) ?? []
        case .broker: brokerEntries(name)
        case .brokerLogger: plainEntries(type, name, source: .brokerLogger)
        case .clientMetrics: plainEntries(type, name, source: .clientMetrics)
        case .group: plainEntries(type, name, source: .group)
        }
    }

    private func topicEntries(_ settings: TopicSettings) -> [ConfigEntry] {
        TopicSettings.definitions.map { definition in
            let own = settings.own[definition.name]
            let common = configs.own(.broker, "")[definition.brokerName]
            var synonyms: [(name: String, value: String, source: ConfigSource)] = []
            if let own { synonyms.append((definition.name, own, .topic)) }
            if let common { synonyms.append((definition.brokerName, common, .dynamicDefaultBroker)) }
            if let fixed = self.settings.topicDefaults[definition.name] {
                synonyms.append((definition.brokerName, fixed, .staticBroker))
            }
            synonyms.append((definition.brokerName, definition.defaultValue, .kafka))
            return ConfigEntry(
                definition: definition, value: synonyms[0].value, source: synonyms[0].source, synonyms: synonyms)
        }
    }

    private func brokerEntries(_ name: String) -> [ConfigEntry] {
        let own = name.isEmpty ? [:] : configs.own(.broker, name)
        let common = configs.own(.broker, "")
        // Of all brokers in common only what somebody has set is told.
        let definitions = name.isEmpty ? ConfigTables.broker.filter { common[$0.name] != nil } : ConfigTables.broker
        let dynamic = definitions.map { definition in
            var synonyms: [(name: String, value: String, source: ConfigSource)] = []
            if let value = own[definition.name] { synonyms.append((definition.name, value, .dynamicBroker)) }
            if let value = common[definition.name] { synonyms.append((definition.name, value, .dynamicDefaultBroker)) }
            synonyms.append((definition.name, definition.defaultValue, .kafka))
            return ConfigEntry(
                definition: definition, value: synonyms[0].value, source: synonyms[0].source, synonyms: synonyms)
        }
        guard let broker = Int32(name).flatMap({ brokers[$0] }) else { return dynamic }
        return (dynamic + staticEntries(broker)).sorted { $0.definition.name < $1.definition.name }
    }

    /// What was decided when the cluster was started.
    private func staticEntries(_ broker: Brokers.Broker) -> [ConfigEntry] {
        let fixed: [(String, TopicSettings.Definition.Kind, String)] = [
            ("auto.create.topics.enable", .boolean, "\(settings.autoCreateTopics)"),
            ("broker.id", .int, "\(broker.id)"),
            ("broker.rack", .string, broker.rack ?? ""),
            ("default.replication.factor", .int, "\(settings.defaultReplicationFactor ?? min(3, brokers.all.count))"),
            ("group.initial.rebalance.delay.ms", .int, "\(settings.groupInitialRebalanceDelay.inMilliseconds)"),
            ("group.max.session.timeout.ms", .int, "\(settings.groupSessionTimeouts.upperBound.inMilliseconds)"),
            ("group.min.session.timeout.ms", .int, "\(settings.groupSessionTimeouts.lowerBound.inMilliseconds)"),
            ("log.dirs", .string, LogDirectories.paths.joined(separator: ",")),
            ("node.id", .int, "\(broker.id)"),
            ("num.partitions", .int, "\(settings.defaultPartitions)"),
            ("offset.metadata.max.bytes", .int, "\(settings.limits.offsetMetadataBytes)"),
            ("process.roles", .list, "broker,controller"),
            ("socket.request.max.bytes", .int, "\(settings.limits.requestBytes)"),
        ]
        return fixed.map { name, kind, value in
            ConfigEntry(
                definition: .init(name: name, kind: kind, defaultValue: value, brokerName: name), value: value,
                source: .staticBroker, isReadOnly: true, synonyms: [(name, value, .staticBroker)])
        }
    }

    private func plainEntries(
        _ type: ConfigResourceType, _ name: String, source: ConfigSource
    ) -> [ConfigEntry] {
        let own = configs.own(type, name)
        return (type.definitions ?? []).map { definition in
            let value = own[definition.name]
            return ConfigEntry(
                definition: definition, value: value ?? definition.defaultValue,
                source: value == nil ? .kafka : source,
                synonyms: [(definition.name, value ?? definition.defaultValue, value == nil ? .kafka : source)])
        }
    }

    // MARK: Changing

    /// - Parameter replacing: what is not among the changes goes back to its default.
    mutating func changeConfigs(
        _ type: ConfigResourceType, _ name: String, _ changes: [ConfigChange], replacing: Bool, validateOnly: Bool
    ) throws(ConfigRefusal) {
        if let twice = changes.indices.first(where: { i in changes[..<i].contains { $0.name == changes[i].name } }) {
            throw ConfigRefusal(
                code: .invalidRequest, message: "Config '\(changes[twice].name.prefix(200))' is named more than once.")
        }
        do throws(TopicSettings.Invalid) {
            if type == .topic {
                try changeTopic(name, changes, replacing: replacing, validateOnly: validateOnly)
            } else {
                try change(type, name, changes, replacing: replacing, validateOnly: validateOnly)
            }
        } catch {
            throw ConfigRefusal(code: .invalidConfig, message: error.description)
        }
    }

    private mutating func changeTopic(
        _ name: String, _ changes: [ConfigChange], replacing: Bool, validateOnly: Bool
    ) throws(TopicSettings.Invalid) {
        guard var settings = topics[name]?.settings else { return }
        if replacing {
            try settings.replaceOwn(changes.map { ($0.name, $0.value ?? "") })
        } else {
            for change in changes {
                switch change.operation {
                case .set: try settings.set(change.name, to: change.value ?? "")
                case .delete:
                    guard TopicSettings.definition(of: change.name) != nil else {
                        throw TopicSettings.Invalid(
                            name: change.name, description: "Unknown topic config name: \(change.name.prefix(200))")
                    }
                    settings.reset(change.name)
                case .append:
                    let items = TopicSettings.Definition.items(of: change.value ?? "")
                    try settings.change(change.name, appending: items)
                case .subtract:
                    let items = TopicSettings.Definition.items(of: change.value ?? "")
                    try settings.change(change.name, subtracting: items)
                }
            }
        }
        guard !validateOnly else { return }
        topics[name]?.settings = settings
        settingsChanged(of: name)
    }

    private mutating func change(
        _ type: ConfigResourceType, _ name: String, _ changes: [ConfigChange], replacing: Bool, validateOnly: Bool
    ) throws(TopicSettings.Invalid) {
        if type == .broker,
            let fixed = changes.first(where: { change in
                brokers.all.first.map(staticEntries)?.contains { $0.definition.name == change.name } == true
            })
        {
            throw TopicSettings.Invalid(
                name: fixed.name, description: "Config '\(fixed.name)' cannot be changed while the broker runs.")
        }
        let values = try ConfigStore.changed(
            replacing ? [:] : configs.own(type, name), by: changes, definitions: type.definitions ?? [])
        guard !validateOnly else { return }
        configs.set(values, type, name)
        if type == .broker, name.isEmpty { try applyCommonConfigs() }
    }

    /// What all brokers have in common holds for topics that say nothing themselves.
    private mutating func applyCommonConfigs() throws(TopicSettings.Invalid) {
        let common = configs.own(.broker, "")
        var defaults = settings.topicDefaults
        for definition in TopicSettings.definitions {
            if let value = common[definition.brokerName] { defaults[definition.name] = value }
        }
        try defaultTopicSettings.set(clusterDefaults: defaults)
        for name in topics.allNames {
            try topics[name]?.settings.set(clusterDefaults: defaults)
            settingsChanged(of: name)
        }
    }
}

extension Duration {
    var inMilliseconds: Int64 {
        components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
    }
}
