internal import Connector
internal import Simulation
internal import SystemSimulation
internal import Yams

// How the size of a simulated system and its timed faults stand in a file.

extension SystemScenario {
    private static let keys =
        ["brokers", "topics", "replicas", "functions", "messages", "over", "delivery"] + FixedLoad.fieldNames
        + ["faults", "drawnFaults", "plan"]
    private static let faultsLimit = 1000

    init(_ node: Node, path: String, name: String) throws(SettingError) {
        self.init()
        let fields = try ScenarioFields(node, path: path, name: name, keys: Self.keys)
        brokers = try fields.integer("brokers", in: 1...9)
        replicas = try fields.integer("replicas", in: 1...16)
        functions = try fields.integer("functions", in: 1...7)
        messages = try fields.integer("messages", in: 0...10_000)
        activeMilliseconds = try fields.duration("over").map { $0.wholeMilliseconds }
        drawnFaults = try fields.integer("drawnFaults", in: 0...Self.faultsLimit) ?? 0
        partitions = try fields["topics"].map { list throws(SettingError) in
            try Self.partitions(list, path: path, name: "\(name).topics")
        }
        switch try fields.text("delivery") {
        case nil: break
        case Delivery.atLeastOnce.rawValue: atLeastOnce = true
        case Delivery.atMostOnce.rawValue: atLeastOnce = false
        default: throw fields.error("delivery", accepted: "at-most-once or at-least-once")
        }
        load = try FixedLoad(fields)
        if let node = fields["plan"] { plan = try RecordedPlan.read(node, path: path, name: "\(name).plan") }
        guard let list = fields["faults"] else { return }
        guard let sequence = list.sequence, sequence.count <= Self.faultsLimit else {
            throw .scenario(path, list, "\(name).faults", accepted: "a list of up to \(Self.faultsLimit) faults")
        }
        for (index, fault) in sequence.enumerated() {
            faults.append(try Self.fault(fault, path: path, name: "\(name).faults[\(index)]"))
        }
    }

    private static func partitions(_ node: Node, path: String, name: String) throws(SettingError) -> [Int] {
        let accepted = "a list of 1 to 8 numbers of partitions, each from 1 to 64"
        guard let list = node.sequence, 1...8 ~= list.count else {
            throw .scenario(path, node, name, accepted: accepted)
        }
        var partitions: [Int] = []
        for item in list {
            guard let count = item.scalar.flatMap({ Int($0.string) }), 1...64 ~= count else {
                throw .scenario(path, item, name, accepted: accepted)
            }
            partitions.append(count)
        }
        return partitions
    }

    private static func fault(
        _ node: Node, path: String, name: String
    ) throws(SettingError) -> PlannedFault<SystemFault> {
        let fields = try ScenarioFields(
            node, path: path, name: name, keys: ["at", "for", "fault", "target", "peer", "amount"])
        let kinds = SystemFault.Kind.allCases.map(\.rawValue).joined(separator: ", ")
        guard let word = try fields.text("fault"), let kind = SystemFault.Kind(rawValue: word) else {
            throw fields.error("fault", accepted: "one of \(kinds)")
        }
        var fault = SystemFault(kind)
        fault.target = try fields.integer("target", in: 0...15) ?? 0
        fault.amount = try fields.integer("amount", in: -86_400...86_400) ?? 0
        switch try fields.text("peer") {
        case nil: fault.peer = 0
        case "gateway": fault.peer = -1
        case let text?:
            guard let broker = Int(text), 0...8 ~= broker else {
                throw fields.error("peer", accepted: "gateway, or the number of a broker from 0 to 8")
            }
            fault.peer = broker
        }
        return PlannedFault(
            fault, atMilliseconds: try fields.duration("at").map { $0.wholeMilliseconds } ?? 0,
            forMilliseconds: try fields.duration("for").map { $0.wholeMilliseconds } ?? 0)
    }
}

extension Duration {
    /// Of a duration that the fields have bounded.
    fileprivate var wholeMilliseconds: Int { Int(self / .milliseconds(1)) }
}
