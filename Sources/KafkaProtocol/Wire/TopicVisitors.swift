internal import NIOCore

// Treats the parts of a request or reply that are about certain topics apart from the rest. A part is an element of an
// array that names a topic, by name or by id, in a field of its own.

/// Topics as messages name them.
package struct TopicSelection: Hashable, Sendable {
    /// For look-ups only.
    private let names: Set<String>
    private let ids: Set<TopicID>

    package init(names: [String], ids: [TopicID]) {
        self.names = Set(names)
        self.ids = Set(ids.filter { $0 != .zero })
    }

    package func holds(_ name: String, _ id: TopicID) -> Bool { names.contains(name) || ids.contains(id) }

    fileprivate func holds<Element: WireValue>(_ element: inout Element, _ name: StaticString, like coder: Coder)
        -> Bool
    {
        var look = Look(version: coder.version, isFlexible: coder.isFlexible, topics: self)
        element.wireValue(name, &look)
        return look.isFound
    }

    fileprivate struct Coder {
        let version: Int16
        let isFlexible: Bool
    }

    /// Looks at an element's own fields, not at those of arrays in it.
    private struct Look: WireVisitor {
        let version: Int16
        let isFlexible: Bool
        let topics: TopicSelection
        var isFound = false

        mutating func string(_ name: StaticString, _ value: inout String) {
            switch "\(name)" {
            case "Topic", "TopicName", "TopicNames", "Name", "ResourceName":
                if topics.names.contains(value) { isFound = true }
            default: break
            }
        }

        mutating func uuid(_ name: StaticString, _ value: inout TopicID) {
            if "\(name)" == "TopicId" || "\(name)" == "TopicIds", topics.ids.contains(value) { isFound = true }
        }

        mutating func array<Element: WireValue>(_ name: StaticString, _ value: inout [Element]) {}
    }
}

/// Keeps of every array what is about the topics, or what is not.
private struct TopicFilter: WireVisitor {
    let version: Int16
    let isFlexible: Bool
    let topics: TopicSelection
    let keepsThem: Bool

    mutating func array<Element: WireValue>(_ name: StaticString, _ value: inout [Element]) {
        guard !Containers.hold(name) else {
            for index in value.indices { value[index].wireValue(name, &self) }
            return
        }
        let coder = TopicSelection.Coder(version: version, isFlexible: isFlexible)
        value = value.filter { element in
            var element = element
            return topics.holds(&element, name, like: coder) == keepsThem
        }
    }
}

/// Arrays that hold no topics themselves, but things that do.
private enum Containers {
    static func hold(_ name: StaticString) -> Bool {
        ["Groups", "Transactions", "ResultsByTransaction", "Markers", "Dirs"].contains("\(name)")
    }
}

/// Puts an error into the parts that are about the topics.
private struct TopicStamp: WireVisitor {
    let version: Int16
    let isFlexible: Bool
    let topics: TopicSelection
    let error: ErrorCode
    /// What was found out goes too.
    let forgets: Bool
    var isInTopic = false
    var count = 0

    mutating func array<Element: WireValue>(_ name: StaticString, _ value: inout [Element]) {
        let coder = TopicSelection.Coder(version: version, isFlexible: isFlexible)
        for index in value.indices {
            let wasInTopic = isInTopic
            isInTopic = wasInTopic || topics.holds(&value[index], name, like: coder)
            value[index].wireValue(name, &self)
            isInTopic = wasInTopic
        }
    }

    mutating func int16(_ name: StaticString, _ value: inout Int16) {
        guard isInTopic, "\(name)".hasSuffix("ErrorCode") else { return }
        value = error.rawValue
        count += 1
    }

    mutating func int64(_ name: StaticString, _ value: inout Int64) {
        guard isInTopic, forgets else { return }
        switch "\(name)" {
        case "Offset", "Timestamp", "CommittedOffset", "EndOffset", "HighWatermark", "LastStableOffset",
            "LogStartOffset", "StartOffset":
            value = -1
        default: break
        }
    }

    mutating func records(_ name: StaticString, _ value: inout ByteBuffer?) {
        if isInTopic, forgets { value = ByteBuffer() }
    }
}

extension Request {
    /// The request without what it says of the topics, or with nothing but that.
    package func filtered(_ topics: TopicSelection, keepsThem: Bool, version: Int16) -> Request {
        let filter = TopicFilter(
            version: version, isFlexible: apiKey.isFlexible(version), topics: topics, keepsThem: keepsThem)
        var walked = self
        _ = walked.walk(filter)
        return walked
    }
}

extension Response {
    /// Says this error of the topics, and nothing of the others or of the whole.
    ///
    /// - Parameter forgets: offsets and records go, as they do where the broker did not look.
    /// - Returns: In how many places; 0 if the reply does not speak of topics.
    @discardableResult
    package mutating func stamp(
        _ error: ErrorCode, on topics: TopicSelection, forgets: Bool, version: Int16
    ) -> Int {
        let stamp = TopicStamp(
            version: version, isFlexible: apiKey.isFlexible(version), topics: topics, error: error, forgets: forgets)
        return walk(stamp).count
    }

    /// Adds what another reply to a part of the same request has in its arrays.
    package mutating func join(_ other: Response, version: Int16) {
        let collector = ArrayCollector(version: version, isFlexible: apiKey.isFlexible(version))
        var walked = other
        let arrays = walked.walk(collector).arrays
        _ = walk(ArrayAppender(version: version, isFlexible: apiKey.isFlexible(version), arrays: arrays))
    }
}

/// Notes the arrays of a message that are not within others, other than containers, by where they are.
private struct ArrayCollector: WireVisitor {
    let version: Int16
    let isFlexible: Bool
    /// For look-ups only.
    var arrays: [String: [any WireValue]] = [:]
    private var path = ""

    init(version: Int16, isFlexible: Bool) {
        self.version = version
        self.isFlexible = isFlexible
    }

    mutating func array<Element: WireValue>(_ name: StaticString, _ value: inout [Element]) {
        let outer = path
        guard Containers.hold(name) else {
            arrays["\(outer)\(name)"] = value
            return
        }
        for index in value.indices {
            path = "\(outer)\(name)[\(index)]."
            value[index].wireValue(name, &self)
        }
        path = outer
    }
}

private struct ArrayAppender: WireVisitor {
    let version: Int16
    let isFlexible: Bool
    let arrays: [String: [any WireValue]]
    private var path = ""

    init(version: Int16, isFlexible: Bool, arrays: [String: [any WireValue]]) {
        self.version = version
        self.isFlexible = isFlexible
        self.arrays = arrays
    }

    mutating func array<Element: WireValue>(_ name: StaticString, _ value: inout [Element]) {
        let outer = path
        guard Containers.hold(name) else {
            value += (arrays["\(outer)\(name)"] ?? []).compactMap { $0 as? Element }
            return
        }
        for index in value.indices {
            path = "\(outer)\(name)[\(index)]."
            value[index].wireValue(name, &self)
        }
        path = outer
    }
}
