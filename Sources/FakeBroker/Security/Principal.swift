/// Who a connection acts for: a type, as good as always `User`, and a name.
struct Principal: Sendable, Hashable, CustomStringConvertible {
    let type: String
    let name: String

    init(type: String = "User", name: String) {
        self.type = type
        self.name = name
    }

    /// Reads `User:alice`; nil if there is no type or no name. The name may hold colons.
    init?(_ text: String) {
        guard let colon = text.firstIndex(of: ":") else { return nil }
        type = String(text[..<colon])
        name = String(text[text.index(after: colon)...])
        guard !type.isEmpty, !name.isEmpty else { return nil }
    }

    /// Who connects without saying who.
    static let anonymous = Principal(name: "ANONYMOUS")
    /// In an access rule: whoever it is.
    static let wildcard = Principal(name: "*")

    var description: String { "\(type):\(name)" }
}
