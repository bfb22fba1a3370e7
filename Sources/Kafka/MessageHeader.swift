/// One header of a message. Headers keep their order, and one name may stand more than once.
package struct MessageHeader: Hashable, Sendable {
    package let name: String
    /// `nil` is a header without a value, which Kafka tells apart from an empty one.
    package let value: [UInt8]?

    package init(_ name: String, _ value: [UInt8]?) {
        self.name = name
        self.value = value
    }

    package init(_ name: String, _ text: String) {
        self.init(name, Array(text.utf8))
    }
}
