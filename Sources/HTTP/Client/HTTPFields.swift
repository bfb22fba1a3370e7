import NIOCore

/// The header fields of a reply, in the order in which they came.
///
/// They stay bytes, and become strings only where somebody reads them: most callers want one field or none.
package struct HTTPFields: Sendable, Sequence {
    package typealias Element = (name: String, value: String)

    /// A copy, so that what the socket is read into can be used again.
    private var head: [UInt8] = []
    /// Where they stand in the head.
    private var places: [HeadScanner.Field] = []

    mutating func add(_ field: HeadScanner.Field) {
        // Enough for most replies, in one allocation.
        if places.isEmpty { places.reserveCapacity(8) }
        places.append(field)
    }

    mutating func keep(_ head: [UInt8]) { self.head = head }

    package func contains(name: StaticString) -> Bool { place(of: name) != nil }

    /// The value of the first field of this name, given in lower case.
    package func first(name: StaticString) -> String? { place(of: name).map { text($0.value) } }

    private func place(of name: StaticString) -> HeadScanner.Field? {
        let bytes = head.span
        for place in places where bytes.equalsIgnoringCase(place.name, name) { return place }
        return nil
    }

    package func makeIterator() -> AnyIterator<Element> {
        AnyIterator(places.lazy.map { (text($0.name), text($0.value)) }.makeIterator())
    }

    /// What is not UTF-8 is mended.
    private func text(_ range: Range<Int>) -> String { String(decoding: head[range], as: UTF8.self) }
}
