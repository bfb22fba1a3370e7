/// A topic with wildcards: `*` stands for any run of characters, also for none.
public struct TopicPattern: Equatable, Sendable, CustomStringConvertible {
    /// As the annotation has it.
    public let text: String
    private let parts: [[UInt8]]

    public init(_ text: String) {
        self.text = text
        parts = text.utf8.split(separator: UInt8(ascii: "*"), omittingEmptySubsequences: false).map(Array.init)
    }

    public var description: String { text }

    /// The pattern as a regular expression over the whole topic, for sources that subscribe by one.
    public var regularExpression: String {
        let escaped = text.map { character in
            if character == "*" { return ".*" }
            return character.isLetter || character.isNumber || "_-".contains(character)
                ? "\(character)" : "\\\(character)"
        }
        return "^\(escaped.joined())$"
    }

    /// Whether the pattern covers the whole topic. Takes time in proportion to the topic's length times the parts.
    public func matches(_ topic: String) -> Bool {
        let bytes = Array(topic.utf8)
        guard let first = parts.first, let last = parts.last, parts.count > 1 else { return topic == text }
        guard bytes.count >= first.count + last.count, bytes.starts(with: first), bytes.suffix(last.count) == last[...]
        else { return false }
        var rest = bytes[first.count..<(bytes.count - last.count)]
        for part in parts.dropFirst().dropLast() where !part.isEmpty {
            guard let start = rest.indices.first(where: { rest[$0...].starts(with: part) }) else { return false }
            rest = rest[(start + part.count)...]
        }
        return true
    }
}
