internal import Connector
internal import FakeBroker
internal import Yams

extension FaultPlan {
    /// By the plan's own decoder, with the line of what it complains about.
    init(_ node: Node, path: String, name: String) throws(SettingError) {
        do {
            self = try YAMLDecoder().decode(FaultPlan.self, from: node)
        } catch {
            guard let invalid = Self.invalidFault(in: error) else {
                throw .scenario(path, node, name, accepted: "a list of rules")
            }
            let (place, value) = Self.find(invalid, in: node)
            throw .scenario(path, place, name + invalid.path, value: value, accepted: invalid.accepted)
        }
    }

    /// Yams wraps it.
    private static func invalidFault(in error: any Error) -> FakeBrokerError.InvalidFault? {
        if let error = error as? FakeBrokerError { return error.fault }
        if case .dataCorrupted(let context) = error as? DecodingError, let cause = context.underlyingError {
            return invalidFault(in: cause)
        }
        return nil
    }

    /// The node that a path such as `[0].act.fail` leads to, as far as it does; and what to say stands there, if that
    /// is not its text.
    private static func find(_ invalid: FakeBrokerError.InvalidFault, in root: Node) -> (Node, String?) {
        var node = root
        for step in invalid.path.split(whereSeparator: { "[].".contains($0) }) {
            if let index = Int(step), let next = node.sequence?.dropFirst(index).first {
                node = next
            } else if let next = node.mapping?.first(where: { $0.key.scalar?.string == String(step) })?.value {
                node = next
            }
        }
        if let key = invalid.key, let found = node.mapping?.first(where: { $0.key.scalar?.string == key })?.key {
            return (found, nil)
        }
        return (node, node.scalar == nil ? invalid.value : nil)
    }
}
