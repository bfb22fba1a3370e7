internal import Connector
internal import LoadGenerators
internal import SystemSimulation
internal import Yams

/// A plan without its faults, which stand by themselves in a scenario; by the names of the plan's own fields.
struct RecordedPlan: Codable {
    var seed: UInt64
    var brokers: Int
    var partitions: [Int]
    var replicas: Int
    var functions: [FunctionPlan]
    var messages: [MessagePlan]
    var values: ValuePlan
    var settings: SystemSettings

    init(_ plan: SystemPlan) {
        seed = plan.seed
        brokers = plan.brokers
        partitions = plan.partitions
        replicas = plan.replicas
        functions = plan.functions
        messages = plan.messages
        values = plan.values
        settings = plan.settings
    }

    private var plan: SystemPlan {
        var plan = SystemPlan(emptyWithSeed: seed)
        plan.brokers = brokers
        plan.partitions = partitions
        plan.replicas = replicas
        plan.functions = functions
        plan.messages = messages
        plan.values = values
        plan.settings = settings
        return plan
    }

    static func read(_ node: Node, path: String, name: String) throws(SettingError) -> SystemPlan {
        do {
            let plan = try YAMLDecoder().decode(RecordedPlan.self, from: node).plan
            _ = try plan.values.source()
            return plan
        } catch let error as InvalidSetting {
            let values = node["values"] ?? node
            throw .scenario(
                path, values[error.name] ?? values, "\(name).values.\(error.name)", accepted: error.accepted)
        } catch {
            let accepted = "a plan as connector-sim writes it"
            guard let context = (error as? DecodingError)?.context else {
                throw .scenario(path, node, name, accepted: accepted)
            }
            var place = node
            var shown = name
            for key in context.codingPath {
                if let index = key.intValue, let next = place.sequence?.dropFirst(index).first {
                    place = next
                    shown += "[\(index)]"
                } else if let next = place.mapping?.first(where: { $0.key.scalar?.string == key.stringValue })?.value {
                    place = next
                    shown += ".\(key.stringValue)"
                }
            }
            throw .scenario(path, place, shown, accepted: accepted)
        }
    }
}

extension DecodingError {
    fileprivate var context: Context? {
        switch self {
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .keyNotFound(_, let context),
            .dataCorrupted(let context):
            context
        @unknown default: nil
        }
    }
}
