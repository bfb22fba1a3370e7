import NIOCore

/// The header fields of a reply, in the order in which they came.
///
/// They stay bytes, and become strings only where somebody reads them: most callers want one field or none.
package struct HTTPFields: Sendable, Sequence {
    package typealias Element = (name: String, value: String)

    /// A copy, so that what the socket is read into can be used again.
    private var head = ByteBuffer()
    /// Where they stand in the head.
    private var places: [HeadScanner.Field] = []

    mutating func add(_ field: HeadScanner.Field) { places.append(field) }

    mutating func copy(_ head: ByteBuffer) { self.head.writeImmutableBuffer(head) }

    package func contains(name: StaticString) -> Bool { place(of: name) != nil }

    /// The value of the first field of this name, given in lower case.
    package func first(name: StaticString) -> String? { place(of: name).map { head.text($0.value) } }

    private func place(of name: StaticString) -> HeadScanner.Field? {
        let bytes = head.readableBytesUInt8Span
        for place in places where bytes.equalsIgnoringCase(place.name, name) { return place }
        return nil
    }

    package func makeIterator() -> AnyIterator<Element> {
        let head = head
        return AnyIterator(places.lazy.map { (head.text($0.name), head.text($0.value)) }.makeIterator())
    }
}
