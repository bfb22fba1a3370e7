internal import Connector
import GoDuration
internal import KafkaConnector
internal import Yams

/// A mapping of a scenario, whose keys are all known.
struct ScenarioFields {
    private let values: Node.Mapping
    private let node: Node
    let path: String
    /// From the document on, such as `gateway.faults[0]`.
    let name: String

    init(_ node: Node, path: String, name: String, keys: [String]) throws(SettingError) {
        let accepted = "a mapping of \(keys.joined(separator: ", "))"
        guard let values = node.mapping else { throw .scenario(path, node, name, accepted: accepted) }
        self.values = values
        self.node = node
        self.path = path
        self.name = name
        for (key, _) in values where !keys.contains(key.scalar?.string ?? "") {
            throw .scenario(path, key, name, accepted: "one of \(keys.joined(separator: ", "))")
        }
    }

    /// Nil if it is left out, or null.
    subscript(key: String) -> Node? {
        for (name, value) in values where name.scalar?.string == key { return value.null == nil ? value : nil }
        return nil
    }

    /// The keys that are there, whatever their values.
    var keys: [String] { values.compactMap { $0.key.scalar?.string } }

    func error(_ key: String? = nil, accepted: String) -> SettingError {
        let place = key.flatMap { self[$0] } ?? node
        return .scenario(path, place, key.map { "\(name).\($0)" } ?? name, accepted: accepted)
    }

    // MARK: By kind

    func text(_ key: String, accepted: String = "text") throws(SettingError) -> String? {
        guard let node = self[key] else { return nil }
        guard let text = node.scalar?.string else { throw error(key, accepted: accepted) }
        return text
    }

    func integer(_ key: String, in range: ClosedRange<Int>) throws(SettingError) -> Int? {
        let accepted =
            range.upperBound == .max
            ? "a whole number of \(range.lowerBound) or more"
            : "a whole number from \(range.lowerBound) to \(range.upperBound)"
        guard let text = try text(key, accepted: accepted) else { return nil }
        guard let number = Int(text), range.contains(number) else { throw error(key, accepted: accepted) }
        return number
    }

    func share(_ key: String) throws(SettingError) -> Double? {
        let accepted = "a number from 0 to 1"
        guard let text = try text(key, accepted: accepted) else { return nil }
        guard let number = Double(text), 0...1 ~= number else { throw error(key, accepted: accepted) }
        return number
    }

    func duration(_ key: String) throws(SettingError) -> Duration? {
        let accepted = "a duration of up to 24h, such as 500ms, 30s or 1m30s"
        guard let text = try text(key, accepted: accepted) else { return nil }
        guard let duration = Duration(goDuration: text), duration <= .seconds(86_400) else {
            throw error(key, accepted: accepted)
        }
        return duration
    }
}

extension SettingError {
    /// `FILE:LINE: NAME="VALUE" is not valid: …`; a list or a mapping is called what it is.
    static func scenario(
        _ path: String, _ node: Node, _ name: String, value: String? = nil, accepted: String
    ) -> SettingError {
        let shown: String =
            switch node {
            case .scalar(let scalar): scalar.string
            case .mapping: "a mapping"
            case .sequence: "a list"
            case .alias: "an alias"
            }
        let place = YAMLFile.place(path, node)
        return SettingError(
            name: name.isEmpty ? place : "\(place): \(name)", value: value ?? shown, accepted: accepted)
    }
}
