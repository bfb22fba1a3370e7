/// Base 64 as most want it (RFC 4648 section 4, padded) and as tokens do (section 5, URL-safe, not padded). Of its own,
/// for cores link no Foundation.
///
/// Strict: no blanks, no foreign characters, no stray bits, padding exactly where the form has it.
package enum Base64 {
    package enum Form: Sendable {
        case padded
        case url

        fileprivate var last: (UInt8, UInt8) {
            switch self {
            case .padded: (UInt8(ascii: "+"), UInt8(ascii: "/"))
            case .url: (UInt8(ascii: "-"), UInt8(ascii: "_"))
            }
        }
    }

    package static func encode(_ bytes: some Collection<UInt8>, _ form: Form = .padded) -> String {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        var held: UInt32 = 0
        var bits = 0
        for byte in bytes {
            held = held << 8 | UInt32(byte)
            bits += 8
            while bits >= 6 {
                bits -= 6
                text.append(character(UInt8(held >> bits & 63), form))
            }
        }
        if bits > 0 { text.append(character(UInt8(held << (6 - bits) & 63), form)) }
        if form == .padded { while text.count % 4 != 0 { text.append(UInt8(ascii: "=")) } }
        return String(decoding: text, as: UTF8.self)
    }

    /// Nil if the text is not of the form.
    package static func decode(_ text: some Collection<UInt8>, _ form: Form = .padded) -> [UInt8]? {
        let padding = form == .padded ? text.reversed().prefix { $0 == UInt8(ascii: "=") }.count : 0
        let digits = text.prefix(text.count - padding)
        guard padding == (form == .padded ? (4 - digits.count % 4) % 4 : 0), digits.count % 4 != 1 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(digits.count * 3 / 4)
        var held: UInt32 = 0
        var bits = 0
        for digit in digits {
            guard let value = value(of: digit, form) else { return nil }
            held = held << 6 | UInt32(value)
            bits += 6
            if bits >= 8 {
                bits -= 8
                bytes.append(UInt8(truncatingIfNeeded: held >> bits))
            }
        }
        return held & (1 << bits - 1) == 0 ? bytes : nil
    }

    private static func character(_ value: UInt8, _ form: Form) -> UInt8 {
        switch value {
        case 0..<26: UInt8(ascii: "A") + value
        case 26..<52: UInt8(ascii: "a") + value - 26
        case 52..<62: UInt8(ascii: "0") + value - 52
        case 62: form.last.0
        default: form.last.1
        }
    }

    private static func value(of digit: UInt8, _ form: Form) -> UInt8? {
        switch digit {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): digit - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): digit - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0") + 52
        case form.last.0: 62
        case form.last.1: 63
        default: nil
        }
    }
}
