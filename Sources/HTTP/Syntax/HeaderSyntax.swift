// Which names and values may stand in an HTTP header (RFC 9110, section 5). What is illegal here could end a header
// early and start another one, so nothing passes into a message unchecked.

/// Checks on the syntax of header fields.
package enum HeaderSyntax {
    /// Whether `name` is a token: one or more of the letters, digits and signs that RFC 9110 allows.
    package static func isToken(_ name: Span<UInt8>) -> Bool {
        for index in name.indices where !isTokenByte(name[index]) { return false }
        return !name.isEmpty
    }

    /// Whether `value` holds no control character but the horizontal tab. Bytes above 127 are legal, if opaque.
    package static func isFieldValue(_ value: Span<UInt8>) -> Bool {
        for index in value.indices where !isFieldByte(value[index]) { return false }
        return true
    }

    /// Whether `target` is a path with an optional query that can stand in a request line as it is.
    package static func isRequestTarget(_ target: String) -> Bool {
        let target = target.utf8Span.span
        for index in target.indices where target[index] <= 0x20 || target[index] >= 0x7F { return false }
        return !target.isEmpty && target[0] == UInt8(ascii: "/")
    }

    /// A bit for each byte below 64, and for each from there to 127: the letters, the digits and `!#$%&'*+-.^_`|~`.
    private static let tokenBits: (UInt64, UInt64) = (0x03FF_6CFA_0000_0000, 0x57FF_FFFF_C7FF_FFFE)

    static func isTokenByte(_ byte: UInt8) -> Bool {
        // Most bytes of most names.
        if (byte | 0x20) &- UInt8(ascii: "a") < 26 || byte == UInt8(ascii: "-") { return true }
        let bits = byte < 64 ? tokenBits.0 : tokenBits.1
        return byte < 128 && bits >> UInt64(byte & 63) & 1 == 1
    }

    static func isFieldByte(_ byte: UInt8) -> Bool {
        byte >= 0x20 && byte != 0x7F || byte == UInt8(ascii: "\t")
    }
}

extension String {
    /// Compares ASCII without regard to case; `lowercase` has to be in lower case.
    package func equalsIgnoringCase(_ lowercase: StaticString) -> Bool { utf8Span.span.equalsIgnoringCase(lowercase) }
}

extension Span<UInt8> {
    /// Compares ASCII without regard to case; `lowercase` has to be in lower case.
    func equalsIgnoringCase(_ lowercase: StaticString) -> Bool { equalsIgnoringCase(indices, lowercase) }

    /// Compares a part.
    func equalsIgnoringCase(_ range: Range<Int>, _ lowercase: StaticString) -> Bool {
        guard range.count == lowercase.utf8CodeUnitCount else { return false }
        for offset in 0..<range.count {
            var byte = self[range.lowerBound + offset]
            if byte >= UInt8(ascii: "A"), byte <= UInt8(ascii: "Z") { byte |= 0x20 }
            guard unsafe byte == lowercase.utf8Start[offset] else { return false }
        }
        return true
    }
}
