/// A value that a user set and that cannot be used: one line that names it, says what it is, and what is accepted.
public struct SettingError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The setting's name, as the user writes it.
    public var name: String
    /// What the user wrote; `nil` where nothing was set, or the value is a secret.
    public var value: String?
    /// What would be accepted.
    public var accepted: String

    public init(name: String, value: String?, accepted: String) {
        self.name = name
        self.value = value
        self.accepted = accepted
    }

    public var description: String {
        if let value {
            "\(name)=\(Self.quoted(value)) is not valid: \(accepted)"
        } else {
            "\(name) is not set: \(accepted)"
        }
    }

    /// On one line and of bounded length, whatever the value holds.
    private static func quoted(_ value: String) -> String {
        let limit = 100
        let shown = value.prefix(limit).unicodeScalars.map { scalar in
            scalar.properties.generalCategory == .control ? "\\u{\(String(scalar.value, radix: 16))}" : String(scalar)
        }
        return "\"\(shown.joined())\(value.count > limit ? "…" : "")\""
    }
}
