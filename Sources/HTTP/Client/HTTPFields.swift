import NIOCore

/// The header fields of a reply, in the order in which they came.
///
/// They stay lines, and become strings only where somebody reads them: most callers want one field or none.
package struct HTTPFields: Sendable, Sequence {
    package typealias Element = (name: String, value: String)

    /// Lines that a `HeadScanner` has passed, without the empty one that ends them.
    private let lines: ByteBuffer

    init(lines: ByteBuffer) { self.lines = lines }

    package func contains(name: StaticString) -> Bool { range(ofValueOf: name) != nil }

    /// The value of the first field of this name, given in lower case.
    package func first(name: StaticString) -> String? { range(ofValueOf: name).map { lines.text($0) } }

    private func range(ofValueOf name: StaticString) -> Range<Int>? {
        var position = 0
        let bytes = lines.readableBytesUInt8Span
        while let field = Self.field(at: &position, in: bytes) {
            if bytes.equalsIgnoringCase(field.name, name) { return field.value }
        }
        return nil
    }

    package func makeIterator() -> Iterator { Iterator(lines: lines) }

    package struct Iterator: IteratorProtocol {
        fileprivate let lines: ByteBuffer
        fileprivate var position = 0

        package mutating func next() -> Element? {
            let lines = lines
            let field = HTTPFields.field(at: &position, in: lines.readableBytesUInt8Span)
            guard let field else { return nil }
            return (lines.text(field.name), lines.text(field.value))
        }
    }

    /// The field whose line begins at `position`, which goes to the next line.
    fileprivate static func field(at position: inout Int, in lines: Span<UInt8>) -> HeadScanner.Field? {
        var index = position
        while index < lines.count, lines[index] != UInt8(ascii: ":") { index += 1 }
        let name = position..<index
        index += 1
        guard index < lines.count else { return nil }
        while index < lines.count, lines[index].isBlank { index += 1 }
        let start = index
        while index < lines.count, lines[index] != .carriageReturn { index += 1 }
        position = index + 2
        while index > start, lines[index - 1].isBlank { index -= 1 }
        return HeadScanner.Field(name: name, value: start..<index)
    }
}
