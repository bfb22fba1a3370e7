/// A JSON text (RFC 8259) as a token's parts hold it.
///
/// Strict and bounded: no more than ``depthLimit`` levels, no name twice in one object (for then two readers could
/// read two tokens), nothing after the value.
enum JSONValue: Sendable, Equatable {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case array([JSONValue])
    /// In the text's order.
    case object([(name: String, value: JSONValue)])

    static let depthLimit = 16

    /// Nil if it is not one JSON value.
    init?(_ text: [UInt8]) {
        var reader = JSONReader(text)
        guard let value = reader.value(depth: 0), reader.isAtEnd else { return nil }
        self = value
    }

    subscript(name: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.name == name }?.value
    }

    var string: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }

    var number: Double? {
        guard case .number(let number) = self else { return nil }
        return number
    }

    /// The strings of an array that holds nothing else.
    var strings: [String]? {
        guard case .array(let values) = self else { return nil }
        let strings = values.compactMap(\.string)
        return strings.count == values.count ? strings : nil
    }

    static func == (left: JSONValue, right: JSONValue) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.bool(let left), .bool(let right)): left == right
        case (.number(let left), .number(let right)): left == right
        case (.string(let left), .string(let right)): left == right
        case (.array(let left), .array(let right)): left == right
        case (.object(let left), .object(let right)): left.elementsEqual(right) { $0 == $1 }
        default: false
        }
    }

    /// The text between the quotes.
    static func escaped(_ text: String) -> String {
        let hex = Array("0123456789abcdef")
        return text.unicodeScalars.reduce(into: "") { escaped, scalar in
            switch scalar {
            case "\"": escaped += "\\\""
            case "\\": escaped += "\\\\"
            case "\u{0}"..."\u{1F}":
                escaped += "\\u00"
                escaped.append(hex[Int(scalar.value >> 4)])
                escaped.append(hex[Int(scalar.value & 15)])
            default: escaped.unicodeScalars.append(scalar)
            }
        }
    }
}
