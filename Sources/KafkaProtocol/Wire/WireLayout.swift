package import NIOCore

/// Notes which fields a message has in a version, in wire order, tagged ones last. For tests and for people.
package struct WireLayout: WireCoder {
    package struct Field: Equatable, Sendable {
        package var name: String
        /// Kafka's notation: `int32`, `string`, `[]int32`, `EpochEndOffset`, `[]FetchTopic`.
        package var type: String
        package var isNullable = false
        package var tag: UInt32?
        /// The value that a field has until somebody sets it.
        package var standard: String
        /// Of a struct, or of the structs in an array.
        package var fields: [Field] = []
    }

    package let version: Int16
    package let isFlexible: Bool
    package private(set) var fields: [Field] = []

    package init(version: Int16, isFlexible: Bool) {
        self.version = version
        self.isFlexible = isFlexible
    }

    // MARK: Plain values

    package mutating func bool(_ name: StaticString, _ value: inout Bool) { note(name, "bool", value) }
    package mutating func int8(_ name: StaticString, _ value: inout Int8) { note(name, "int8", value) }
    package mutating func int16(_ name: StaticString, _ value: inout Int16) { note(name, "int16", value) }
    package mutating func int32(_ name: StaticString, _ value: inout Int32) { note(name, "int32", value) }
    package mutating func int64(_ name: StaticString, _ value: inout Int64) { note(name, "int64", value) }
    package mutating func float64(_ name: StaticString, _ value: inout Double) { note(name, "float64", value) }
    package mutating func uuid(_ name: StaticString, _ value: inout TopicID) { note(name, "uuid", value) }
    package mutating func string(_ name: StaticString, _ value: inout String) { note(name, "string", value) }
    package mutating func bytes(_ name: StaticString, _ value: inout ByteBuffer) { note(name, "bytes", "") }

    package mutating func records(_ name: StaticString, _ value: inout ByteBuffer?) {
        note(name, "records", "null", isNullable: true)
    }

    package mutating func nullableString(_ name: StaticString, _ value: inout String?, mayBeNull: Bool) {
        note(name, "string", value ?? "null", isNullable: mayBeNull)
    }

    private mutating func note(_ name: StaticString, _ type: String, _ value: some Any, isNullable: Bool = false) {
        fields.append(Field(name: "\(name)", type: type, isNullable: isNullable, standard: "\(value)"))
    }

    // MARK: Arrays, structs, tags

    package mutating func array<Element: WireValue>(_ name: StaticString, _ value: inout [Element]) {
        fields.append(elements(name, Element.self))
    }

    package mutating func nullableArray<Element: WireValue>(
        _ name: StaticString, _ value: inout [Element]?, mayBeNull: Bool
    ) {
        var field = elements(name, Element.self)
        field.isNullable = mayBeNull
        if value == nil { field.standard = "null" }
        fields.append(field)
    }

    package mutating func structure<Value: WireStruct>(_ name: StaticString, _ value: inout Value) {
        var inner = WireLayout(version: version, isFlexible: isFlexible)
        value.wire(&inner)
        if isFlexible { value.wireTags(&inner) }
        fields.append(Field(name: "\(name)", type: "\(Value.self)", standard: "", fields: inner.fields))
    }

    package mutating func nullableStructure<Value: WireStruct>(
        _ name: StaticString, _ value: inout Value?, mayBeNull: Bool
    ) {
        var present = Value()
        structure(name, &present)
        fields[fields.count - 1].isNullable = mayBeNull
        fields[fields.count - 1].standard = value == nil ? "null" : ""
    }

    package mutating func tagged<Value: WireValue>(
        _ tag: UInt32, _ name: StaticString, _ value: inout Value, unless standard: Value
    ) {
        var standard = standard
        standard.wireValue(name, &self)
        fields[fields.count - 1].tag = tag
    }

    private func elements<Element: WireValue>(_ name: StaticString, _: Element.Type) -> Field {
        var inner = WireLayout(version: version, isFlexible: isFlexible)
        var element = Element()
        element.wireValue("", &inner)
        let noted = inner.fields[0]
        return Field(name: "\(name)", type: "[]\(noted.type)", standard: "", fields: noted.fields)
    }
}

extension Request {
    /// The fields of a request, as its version has them.
    package static func layout(_ apiKey: APIKey, version: Int16) -> [WireLayout.Field] {
        var request = Request(apiKey)
        let layout = request.walk(WireLayout(version: version, isFlexible: apiKey.isFlexible(version)))
        return layout.fields.first?.fields ?? []
    }
}

extension Response {
    /// The fields of a reply, as its version has them.
    package static func layout(_ apiKey: APIKey, version: Int16) -> [WireLayout.Field] {
        var response = Response(apiKey)
        let layout = response.walk(WireLayout(version: version, isFlexible: apiKey.isFlexible(version)))
        return layout.fields.first?.fields ?? []
    }
}
