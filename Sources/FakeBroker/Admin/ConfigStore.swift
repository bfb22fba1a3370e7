internal import OrderedCollections

/// What has settings, by Kafka's numbers.
enum ConfigResourceType: Int8, CaseIterable, Sendable {
    case topic = 2
    case broker = 4
    case brokerLogger = 8
    case clientMetrics = 16
    case group = 32

    /// Nil for a topic, whose settings are with it.
    var definitions: [TopicSettings.Definition]? {
        switch self {
        case .topic: nil
        case .broker: ConfigTables.broker
        case .brokerLogger: ConfigTables.logger
        case .clientMetrics: ConfigTables.clientMetrics
        case .group: ConfigTables.group
        }
    }
}

/// Where a value comes from, by Kafka's numbers.
enum ConfigSource: Int8, Sendable {
    case topic = 1
    case dynamicBroker = 2
    case dynamicDefaultBroker = 3
    case staticBroker = 4
    case kafka = 5
    case brokerLogger = 6
    case clientMetrics = 7
    case group = 8
}

/// One change of one setting; the numbers are those of IncrementalAlterConfigs.
struct ConfigChange: Sendable {
    enum Operation: Int8, Sendable {
        case set = 0
        case delete = 1
        case append = 2
        case subtract = 3
    }

    var name: String
    var operation: Operation
    var value: String?
}

/// The settings of everything but topics that somebody has set. What nobody has set is at its default.
struct ConfigStore: Sendable {
    typealias Values = OrderedDictionary<String, String>

    private struct Key: Hashable, Sendable {
        let type: ConfigResourceType
        let name: String
    }

    private var values: OrderedDictionary<Key, Values> = [:]

    /// Those of a resource itself. The brokers' common ones are those of the broker with the empty name.
    func own(_ type: ConfigResourceType, _ name: String) -> Values { values[Key(type: type, name: name)] ?? [:] }

    /// The value in force: the resource's own, else the brokers' common one, else the default.
    func value(_ type: ConfigResourceType, _ resource: String, _ name: String) -> String? {
        own(type, resource)[name] ?? (type == .broker ? own(type, "")[name] : nil)
            ?? type.definitions?.first { $0.name == name }?.defaultValue
    }

    /// Resources that have settings of their own, in the order in which they got them.
    func names(_ type: ConfigResourceType) -> [String] { values.keys.filter { $0.type == type }.map(\.name) }

    mutating func set(_ new: Values, _ type: ConfigResourceType, _ name: String) {
        values[Key(type: type, name: name)] = new.isEmpty ? nil : new
    }

    /// What the values would be after the changes.
    ///
    /// - Throws: `Invalid` that says which name or value is not accepted.
    static func changed(
        _ values: Values, by changes: [ConfigChange], definitions: [TopicSettings.Definition]
    ) throws(TopicSettings.Invalid) -> Values {
        var values = values
        for change in changes {
            guard let definition = definitions.first(where: { $0.name == change.name }) else {
                throw TopicSettings.Invalid(
                    name: change.name, description: "Unknown config name: \(change.name.prefix(200))")
            }
            let given = change.value ?? ""
            switch change.operation {
            case .delete: values[change.name] = nil
            case .set: values[change.name] = try definition.checked(given)
            case .append, .subtract:
                guard definition.kind == .list else {
                    throw TopicSettings.Invalid(
                        name: change.name,
                        description: "Config '\(change.name)' is no list, so nothing can be added or removed.")
                }
                let asked = TopicSettings.Definition.items(of: given)
                var items = TopicSettings.Definition.items(of: values[change.name] ?? definition.defaultValue)
                if change.operation == .append {
                    for item in asked where !items.contains(item) { items.append(item) }
                } else {
                    items.removeAll(where: asked.contains)
                }
                values[change.name] = try definition.checked(items.joined(separator: ","))
            }
        }
        return values
    }
}
