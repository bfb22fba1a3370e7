// Which names and values may stand in an HTTP header (RFC 9110, section 5). What is illegal here could end a header
// early and start another one, so nothing passes into a message unchecked.

/// Checks on the syntax of header fields.
package enum HeaderSyntax {
    /// Whether `name` is a token: one or more of the letters, digits and signs that RFC 9110 allows.
    package static func isToken(_ name: String) -> Bool {
        var name = name
        return name.withUTF8 { bytes in
            unsafe !bytes.isEmpty && bytes.allSatisfy { isTokenByte($0) }
        }
    }

    /// Whether `value` holds no control character but the horizontal tab. Bytes above 127 are legal, if opaque.
    package static func isFieldValue(_ value: String) -> Bool {
        var value = value
        return value.withUTF8 { bytes in
            unsafe bytes.allSatisfy { isFieldByte($0) }
        }
    }

    /// Whether `target` is a path with an optional query that can stand in a request line as it is.
    package static func isRequestTarget(_ target: String) -> Bool {
        var target = target
        return target.withUTF8 { bytes in
            unsafe bytes.first == UInt8(ascii: "/") && bytes.allSatisfy { $0 > 0x20 && $0 < 0x7F }
        }
    }

    static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        case UInt8(ascii: "!"), UInt8(ascii: "#"), UInt8(ascii: "$"), UInt8(ascii: "%"), UInt8(ascii: "&"),
            UInt8(ascii: "'"), UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: "^"), UInt8(ascii: "_"), UInt8(ascii: "`"), UInt8(ascii: "|"), UInt8(ascii: "~"):
            true
        default: false
        }
    }

    static func isFieldByte(_ byte: UInt8) -> Bool {
        byte >= 0x20 && byte != 0x7F || byte == UInt8(ascii: "\t")
    }
}

extension String {
    /// Compares ASCII without regard to case; `lowercase` has to be in lower case.
    package func equalsIgnoringCase(_ lowercase: StaticString) -> Bool {
        var text = self
        return text.withUTF8 { bytes in
            guard bytes.count == lowercase.utf8CodeUnitCount else { return false }
            for index in 0..<bytes.count {
                var byte = unsafe bytes[index]
                if byte >= UInt8(ascii: "A"), byte <= UInt8(ascii: "Z") { byte |= 0x20 }
                guard unsafe byte == lowercase.utf8Start[index] else { return false }
            }
            return true
        }
    }
}
