/// Addresses as certificates hold them: four bytes, or sixteen.
enum IPAddress {
    /// Nil if the text is no address (then it is a name).
    static func bytes(_ text: String) -> [UInt8]? {
        text.contains(":") ? version6(text) : version4(text)
    }

    private static func version4(_ text: some StringProtocol) -> [UInt8]? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        let bytes = parts.compactMap { UInt8($0) }
        return parts.count == 4 && bytes.count == 4 ? bytes : nil
    }

    /// Groups of 16 bits, of which one run of zeros may be left out as `::` (RFC 4291 section 2.2).
    private static func version6(_ text: String) -> [UInt8]? {
        let halves = text.split(separator: "::", maxSplits: 2, omittingEmptySubsequences: false)
        guard halves.count <= 2, let first = halves.first.flatMap(groups),
            let last = groups(halves.count == 2 ? halves[1] : "")
        else { return nil }
        let missing = 16 - first.count - last.count
        guard halves.count == 2 ? missing >= 2 : missing == 0 else { return nil }
        return first + Array(repeating: 0, count: missing) + last
    }

    private static func groups(_ text: Substring) -> [UInt8]? {
        guard !text.isEmpty else { return [] }
        var bytes: [UInt8] = []
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            if index == parts.count - 1, let address = version4(part) {
                bytes += address
            } else if part.count <= 4, let group = UInt16(part, radix: 16) {
                bytes += [UInt8(group >> 8), UInt8(group & 0xFF)]
            } else {
                return nil
            }
        }
        return bytes
    }
}
