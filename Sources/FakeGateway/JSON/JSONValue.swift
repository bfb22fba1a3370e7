import NIOCore

/// JSON with its members in the order given, as Go's encoder keeps the order of a struct.
indirect enum JSONValue: Sendable {
    case string(String)
    case number(Int)
    case bool(Bool)
    case null
    case array([JSONValue])
    case object([(String, JSONValue)])

    var buffer: ByteBuffer {
        var buffer = ByteBuffer()
        write(to: &buffer)
        return buffer
    }

    /// As one line of a stream.
    func write(line buffer: inout ByteBuffer) {
        write(to: &buffer)
        buffer.writeStaticString("\n")
    }

    private func write(to buffer: inout ByteBuffer) {
        switch self {
        case .string(let text): Self.write(text, to: &buffer)
        case .number(let number): buffer.writeString(String(number))
        case .bool(let value): buffer.writeString(value ? "true" : "false")
        case .null: buffer.writeString("null")
        case .array(let values):
            Self.write(values, between: "[", "]", to: &buffer) { $0.write(to: &$1) }
        case .object(let members):
            Self.write(members, between: "{", "}", to: &buffer) { member, buffer in
                Self.write(member.0, to: &buffer)
                buffer.writeString(":")
                member.1.write(to: &buffer)
            }
        }
    }

    private static func write<Item>(
        _ items: [Item], between open: String, _ close: String, to buffer: inout ByteBuffer,
        _ body: (Item, inout ByteBuffer) -> Void
    ) {
        buffer.writeString(open)
        for (index, item) in items.enumerated() {
            if index > 0 { buffer.writeString(",") }
            body(item, &buffer)
        }
        buffer.writeString(close)
    }

    /// Escapes as Go does, HTML's signs included.
    private static func write(_ text: String, to buffer: inout ByteBuffer) {
        buffer.writeString("\"")
        defer { buffer.writeString("\"") }
        // Nearly all texts have nothing to escape, and are copied as they are.
        if text.utf8.allSatisfy(isPlain) {
            buffer.writeString(text)
            return
        }
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": buffer.writeString("\\\"")
            case "\\": buffer.writeString("\\\\")
            case "\n": buffer.writeString("\\n")
            case "\r": buffer.writeString("\\r")
            case "\t": buffer.writeString("\\t")
            case "<", ">", "&", "\u{2028}", "\u{2029}": writeEscape(scalar, to: &buffer)
            case _ where scalar.value < 0x20: writeEscape(scalar, to: &buffer)
            default: buffer.writeString(String(scalar))
            }
        }
    }

    /// ASCII that stands for itself.
    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "&"): false
        default: (0x20..<0x80).contains(byte)
        }
    }

    private static func writeEscape(_ scalar: UnicodeScalar, to buffer: inout ByteBuffer) {
        let hex = String(scalar.value, radix: 16)
        buffer.writeString("\\u\(String(repeating: "0", count: 4 - hex.count))\(hex)")
    }
}
