/// Reads settings from environment variables; every failure names the variable, its value and what is accepted.
///
/// A variable set to nothing counts as not set, as it does for users of Kubernetes and Compose.
public struct Environment: Sendable {
    private let variables: [String: String]

    public init(_ variables: [String: String]) { self.variables = variables }

    /// The trimmed value, or `nil` if there is none.
    public func string(_ name: String) -> String? {
        guard let value = variables[name] else { return nil }
        let trimmed = value.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed()
        return trimmed.isEmpty ? nil : String(trimmed)
    }

    /// `true`, `1`, `false` or `0`, in any case.
    public func bool(_ name: String, default value: Bool) throws(ConfigurationError) -> Bool {
        guard let text = string(name) else { return value }
        switch text.lowercased() {
        case "true", "1": return true
        case "false", "0": return false
        default: throw ConfigurationError(name: name, value: text, accepted: "true, 1, false or 0")
        }
    }

    /// A Go duration above zero.
    public func duration(_ name: String, default value: Duration) throws(ConfigurationError) -> Duration {
        guard let text = string(name) else { return value }
        guard let duration = Duration(goDuration: text), duration > .zero else {
            throw ConfigurationError(
                name: name, value: text, accepted: "a duration above zero, such as 500ms, 30s or 1m30s")
        }
        return duration
    }

    /// A whole number within `range`.
    public func integer(_ name: String, default value: Int, in range: ClosedRange<Int>) throws(ConfigurationError)
        -> Int
    {
        guard let text = string(name) else { return value }
        guard let number = Int(text), range.contains(number) else {
            throw ConfigurationError(
                name: name, value: text, accepted: "a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// One of the values of an enum.
    public func choice<Choice>(_ name: String, default value: Choice) throws(ConfigurationError) -> Choice
    where Choice: RawRepresentable<String> & CaseIterable {
        guard let text = string(name) else { return value }
        guard let choice = Choice(rawValue: text.lowercased()) else {
            let all = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            throw ConfigurationError(name: name, value: text, accepted: "one of \(all)")
        }
        return choice
    }

    /// A comma-separated list: items trimmed, empty ones (a trailing comma) left out, each kept once.
    public func list(_ name: String) -> [String]? {
        guard let text = string(name) else { return nil }
        var items: [String] = []
        for item in TopicMap.topics(in: text, delimiter: ",") where !items.contains(item) { items.append(item) }
        return items
    }
}
