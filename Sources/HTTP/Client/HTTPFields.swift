import NIOCore

/// The header fields of a reply, in the order in which they came.
///
/// They stay bytes, and become strings only where somebody reads them: most callers want one field or none.
package struct HTTPFields: Sendable, Sequence {
    package typealias Element = (name: String, value: String)

    /// As it was read, without a copy: its first line, and lines that a scanner has passed. Until the last of them is
    /// gone, what it was read into cannot be used again; 64 KiB at most, for a reply whose body is slow.
    private var head = ByteBuffer()
    /// A bit for each length of a name that there is: most look-ups are for what is not there.
    private var lengths: UInt64 = 0

    mutating func add(_ field: HeadScanner.Field) { lengths |= Self.bit(field.name.count) }

    mutating func keep(_ head: ByteBuffer) { self.head = head }

    private static func bit(_ length: Int) -> UInt64 { 1 << UInt64(length & 63) }

    package func contains(name: StaticString) -> Bool { place(of: name) != nil }

    /// The value of the first field of this name, given in lower case.
    package func first(name: StaticString) -> String? { place(of: name).map { text($0.value) } }

    private func place(of name: StaticString) -> HeadScanner.Field? {
        guard lengths & Self.bit(name.utf8CodeUnitCount) != 0 else { return nil }
        let bytes = head.readableBytesUInt8Span
        var position = 0
        while let place = next(&position) {
            if bytes.equalsIgnoringCase(place.name, name) { return place }
        }
        return nil
    }

    package func makeIterator() -> AnyIterator<Element> {
        var position = 0
        return AnyIterator { next(&position).map { (text($0.name), text($0.value)) } }
    }

    /// The next field, which the position goes behind; 0 is the first line.
    private func next(_ position: inout Int) -> HeadScanner.Field? {
        let bytes = head.readableBytesUInt8Span
        func end(of byte: UInt8, _ start: Int) -> Int {
            var index = start
            while index < bytes.count, bytes[index] != byte { index += 1 }
            return index
        }
        if position == 0 { position = end(of: .lineFeed, 0) + 1 }
        let start = position
        let colon = end(of: UInt8(ascii: ":"), start)
        guard colon < bytes.count else { return nil }
        let line = end(of: .carriageReturn, colon)
        position = line + 2
        var (first, last) = (colon + 1, line)
        while first < last, bytes[first].isBlank { first += 1 }
        while last > first, bytes[last - 1].isBlank { last -= 1 }
        return HeadScanner.Field(name: start..<colon, value: first..<last)
    }

    private func text(_ range: Range<Int>) -> String { head.readableBytesUInt8Span.text(range) }
}
