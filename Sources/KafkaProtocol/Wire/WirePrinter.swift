package import NIOCore

/// Writes a message as text: every field that its version has, by Kafka's name.
///
/// Of bytes and record batches only the length is told: they may hold secrets and do not help a reader.
package struct WirePrinter: WireCoder {
    package let version: Int16
    package let isFlexible: Bool
    /// Nothing is added beyond so many characters.
    private let limit: Int
    private var length = 0
    private var isFirst = true
    private(set) var text = ""

    init(version: Int16, isFlexible: Bool, limit: Int) {
        self.version = version
        self.isFlexible = isFlexible
        self.limit = limit
    }

    private var isFull: Bool { length >= limit }

    private mutating func add(_ more: String) {
        guard !isFull else { return }
        length += more.count
        text += length >= limit ? "\(more)…" : more
    }

    private mutating func field(_ name: StaticString, _ value: @autoclosure () -> String) {
        guard !isFull else { return }
        begin(name)
        add(value())
    }

    private mutating func begin(_ name: StaticString) {
        if !isFirst { add(", ") }
        isFirst = false
        if name.utf8CodeUnitCount > 0 { add("\(name): ") }
    }

    // MARK: Plain values

    package mutating func bool(_ name: StaticString, _ value: inout Bool) { field(name, "\(value)") }
    package mutating func int8(_ name: StaticString, _ value: inout Int8) { field(name, "\(value)") }
    package mutating func int32(_ name: StaticString, _ value: inout Int32) { field(name, "\(value)") }
    package mutating func int64(_ name: StaticString, _ value: inout Int64) { field(name, "\(value)") }
    package mutating func float64(_ name: StaticString, _ value: inout Double) { field(name, "\(value)") }
    package mutating func uuid(_ name: StaticString, _ value: inout TopicID) { field(name, "\(value)") }
    package mutating func string(_ name: StaticString, _ value: inout String) {
        let shown = value.prefix(limit)
        field(name, "'\(shown)'")
    }

    package mutating func int16(_ name: StaticString, _ value: inout Int16) {
        field(name, "\(name)".hasSuffix("ErrorCode") ? "\(ErrorCode(rawValue: value))" : "\(value)")
    }

    package mutating func bytes(_ name: StaticString, _ value: inout ByteBuffer) {
        field(name, "\(value.readableBytes) bytes")
    }

    package mutating func records(_ name: StaticString, _ value: inout ByteBuffer?) {
        field(name, value.map { "\($0.readableBytes) bytes" } ?? "null")
    }

    package mutating func nullableString(_ name: StaticString, _ value: inout String?, mayBeNull: Bool) {
        guard var text = value else { return field(name, "null") }
        string(name, &text)
    }

    // MARK: Arrays, structs, tags

    package mutating func array<Element: WireValue>(_ name: StaticString, _ value: inout [Element]) {
        guard !isFull else { return }
        begin(name)
        add("[")
        isFirst = true
        for var element in value where !isFull { element.wireValue("", &self) }
        add("]")
        isFirst = false
    }

    package mutating func nullableArray<Element: WireValue>(
        _ name: StaticString, _ value: inout [Element]?, mayBeNull: Bool
    ) {
        guard var elements = value else { return field(name, "null") }
        array(name, &elements)
    }

    package mutating func structure<Value: WireStruct>(_ name: StaticString, _ value: inout Value) {
        guard !isFull else { return }
        begin(name)
        add("{")
        isFirst = true
        value.wire(&self)
        if isFlexible { value.wireTags(&self) }
        add("}")
        isFirst = false
    }

    package mutating func nullableStructure<Value: WireStruct>(
        _ name: StaticString, _ value: inout Value?, mayBeNull: Bool
    ) {
        guard var present = value else { return field(name, "null") }
        structure(name, &present)
    }

    package mutating func tagged<Value: WireValue>(
        _ tag: UInt32, _ name: StaticString, _ value: inout Value, unless standard: Value
    ) {
        if value != standard { value.wireValue(name, &self) }
    }
}

extension Request {
    /// The request's fields as text, cut after `limit` characters.
    package func text(version: Int16, limit: Int) -> String {
        var walked = self
        return walked.walk(WirePrinter(version: version, isFlexible: apiKey.isFlexible(version), limit: limit)).text
    }
}

extension Response {
    /// The reply's fields as text, cut after `limit` characters.
    package func text(version: Int16, limit: Int) -> String {
        var walked = self
        return walked.walk(WirePrinter(version: version, isFlexible: apiKey.isFlexible(version), limit: limit)).text
    }
}
