package import NIOCore

/// A coder that looks at a message's values, or changes some: visits everything, and by itself does nothing.
package protocol WireVisitor: WireCoder {
    var isFlexible: Bool { get }
    /// Around each element of an array.
    mutating func enterElement(of name: StaticString)
    mutating func leaveElement()
}

extension WireVisitor {
    package mutating func bool(_ name: StaticString, _ value: inout Bool) {}
    package mutating func int8(_ name: StaticString, _ value: inout Int8) {}
    package mutating func int16(_ name: StaticString, _ value: inout Int16) {}
    package mutating func int32(_ name: StaticString, _ value: inout Int32) {}
    package mutating func int64(_ name: StaticString, _ value: inout Int64) {}
    package mutating func float64(_ name: StaticString, _ value: inout Double) {}
    package mutating func uuid(_ name: StaticString, _ value: inout TopicID) {}
    package mutating func string(_ name: StaticString, _ value: inout String) {}
    package mutating func bytes(_ name: StaticString, _ value: inout ByteBuffer) {}
    package mutating func records(_ name: StaticString, _ value: inout ByteBuffer?) {}

    package mutating func nullableString(_ name: StaticString, _ value: inout String?, mayBeNull: Bool) {
        guard var text = value else { return }
        string(name, &text)
        value = text
    }

    package mutating func array<Element: WireValue>(_ name: StaticString, _ value: inout [Element]) {
        for index in value.indices {
            enterElement(of: name)
            value[index].wireValue(name, &self)
            leaveElement()
        }
    }

    package mutating func nullableArray<Element: WireValue>(
        _ name: StaticString, _ value: inout [Element]?, mayBeNull: Bool
    ) {
        guard var elements = value else { return }
        array(name, &elements)
        value = elements
    }

    package mutating func structure<Value: WireStruct>(_ name: StaticString, _ value: inout Value) {
        value.wire(&self)
        if isFlexible { value.wireTags(&self) }
    }

    package mutating func nullableStructure<Value: WireStruct>(
        _ name: StaticString, _ value: inout Value?, mayBeNull: Bool
    ) {
        guard var present = value else { return }
        structure(name, &present)
        value = present
    }

    package mutating func tagged<Value: WireValue>(
        _ tag: UInt32, _ name: StaticString, _ value: inout Value, unless standard: Value
    ) {
        value.wireValue(name, &self)
    }

    package mutating func enterElement(of name: StaticString) {}
    package mutating func leaveElement() {}
}

/// Puts one error into every place that a reply has for one.
private struct ErrorStamp: WireVisitor {
    let version: Int16
    let isFlexible: Bool
    let error: ErrorCode

    mutating func int16(_ name: StaticString, _ value: inout Int16) {
        if "\(name)".hasSuffix("ErrorCode") { value = error.rawValue }
    }
}

/// Notes the topics that a request names.
private struct TopicFinder: WireVisitor {
    let version: Int16
    let isFlexible: Bool
    var names: [String] = []
    var ids: [TopicID] = []
    private var enclosing: [String] = []
    private var isTopicResource = false

    init(version: Int16, isFlexible: Bool) {
        self.version = version
        self.isFlexible = isFlexible
    }

    mutating func enterElement(of name: StaticString) { enclosing.append("\(name)") }
    mutating func leaveElement() { enclosing.removeLast() }

    mutating func int8(_ name: StaticString, _ value: inout Int8) {
        // 2 is a topic among the resources that have a configuration.
        if "\(name)" == "ResourceType" { isTopicResource = value == 2 }
    }

    mutating func string(_ name: StaticString, _ value: inout String) {
        let isTopic =
            switch "\(name)" {
            case "Topic", "TopicName", "Topics", "TopicNames", "SubscribedTopicNames": true
            case "Name": enclosing.last?.contains("Topic") == true
            case "ResourceName": isTopicResource
            default: false
            }
        if isTopic, !value.isEmpty { names.append(value) }
    }

    mutating func uuid(_ name: StaticString, _ value: inout TopicID) {
        if "\(name)" == "TopicId", value != .zero { ids.append(value) }
    }
}

extension Request {
    /// The topics that the request names, by name or by id, in the order of the wire.
    package func namedTopics(version: Int16) -> (names: [String], ids: [TopicID]) {
        var walked = self
        let finder = walked.walk(TopicFinder(version: version, isFlexible: apiKey.isFlexible(version)))
        return (finder.names, finder.ids)
    }
}

/// States how long a client must wait.
private struct ThrottleStamp: WireVisitor {
    let version: Int16
    let isFlexible: Bool
    let milliseconds: Int32

    mutating func int32(_ name: StaticString, _ value: inout Int32) {
        if "\(name)" == "ThrottleTimeMs" { value = milliseconds }
    }

    /// It stands at the top.
    mutating func array<Element: WireValue>(_ name: StaticString, _ value: inout [Element]) {}
}

extension Response {
    /// Says how long the client must wait, in the versions that can.
    package mutating func setThrottleTime(_ milliseconds: Int32, version: Int16) {
        _ = walk(
            ThrottleStamp(version: version, isFlexible: apiKey.isFlexible(version), milliseconds: milliseconds))
    }

    /// Says this error wherever the version has a place for one.
    package mutating func stamp(_ error: ErrorCode, version: Int16) {
        _ = walk(ErrorStamp(version: version, isFlexible: apiKey.isFlexible(version), error: error))
    }
}
