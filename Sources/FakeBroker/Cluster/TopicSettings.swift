internal import OrderedCollections

/// The configuration of one topic, by Kafka's names, and as the values that the log goes by.
///
/// A name is in force with the topic's own value, else the cluster's, else Kafka's default. Every value is checked
/// when it is set, so a reader need not. ``definitions`` is the table of names; what a name does here, if anything,
/// stands beside it.
///
///     var settings = TopicSettings()
///     try settings.set("retention.ms", to: "60000")
///     settings.retentionTime            // one minute
///     settings.value(of: "segment.ms")  // "604800000", Kafka's default
struct TopicSettings: Equatable, Sendable {
    /// As they were given to the topic, in their order.
    private(set) var own: OrderedDictionary<String, String> = [:]
    /// What the cluster says of topics that say nothing.
    private(set) var clusterDefaults: OrderedDictionary<String, String> = [:]

    // MARK: Values in force

    /// Old segments are dropped by time and size.
    private(set) var deletes = true
    /// Only the latest record of each key need stay.
    private(set) var compacts = false
    /// Records get the time at which they are appended, in place of their own.
    private(set) var stampsAppendTime = false
    /// Bytes of one record batch.
    private(set) var maxMessageBytes = 1_048_588
    /// Replicas that must be up for `acks=all`.
    private(set) var minInsyncReplicas = 1
    /// Nil: for ever.
    private(set) var retentionTime: Duration? = .milliseconds(604_800_000)
    /// Nil: any number.
    private(set) var retentionBytes: Int64?
    private(set) var segmentBytes = 1_073_741_824
    /// For how long a compacted log keeps a tombstone.
    private(set) var deleteRetention: Duration = .milliseconds(86_400_000)
    /// How old a record must be before a compacted log may drop it.
    private(set) var minCompactionLag: Duration = .zero
    /// The share of bytes not compacted yet from which on compaction is worth while.
    private(set) var minCleanableDirtyRatio = 0.5
    /// How far a record's own time may lie ahead of the cluster's, in milliseconds.
    private(set) var timestampAfterMaxMilliseconds = Int64.max
    /// How far a record's own time may lie behind the cluster's, in milliseconds.
    private(set) var timestampBeforeMaxMilliseconds = Int64.max

    init() {}

    init(clusterDefaults: some Sequence<(key: String, value: String)>) throws(Invalid) {
        try set(clusterDefaults: clusterDefaults)
    }

    // MARK: By name

    /// A name or a value that is not accepted.
    struct Invalid: Error, Equatable, CustomStringConvertible {
        let name: String
        let description: String
    }

    static func definition(of name: String) -> Definition? {
        positions[name].map { definitions[$0] }
    }

    /// The value in force, as Kafka writes it; nil for an unknown name.
    func value(of name: String) -> String? {
        own[name] ?? clusterDefaults[name] ?? Self.definition(of: name)?.defaultValue
    }

    /// Where the value in force comes from, by Kafka's numbers.
    enum Source: Int8, Sendable {
        case topic = 1
        case broker = 4
        case kafka = 5
    }

    func source(of name: String) -> Source {
        if own[name] != nil { return .topic }
        return clusterDefaults[name] == nil ? .kafka : .broker
    }

    mutating func set(_ name: String, to value: String) throws(Invalid) {
        own[name] = try Self.checked(name, value)
        refresh(name)
    }

    /// The topic's own value is forgotten. Does nothing if there is none.
    mutating func reset(_ name: String) {
        own[name] = nil
        refresh(name)
    }

    /// All of the topic's own values at once; nothing changes if one of them is not accepted.
    mutating func replaceOwn(_ values: some Sequence<(key: String, value: String)>) throws(Invalid) {
        let former = own.keys
        own = try Self.checked(values)
        for name in former { refresh(name) }
        for name in own.keys { refresh(name) }
    }

    /// Nothing changes if one of them is not accepted.
    mutating func set(clusterDefaults values: some Sequence<(key: String, value: String)>) throws(Invalid) {
        let former = clusterDefaults.keys
        clusterDefaults = try Self.checked(values)
        for name in former { refresh(name) }
        for name in clusterDefaults.keys { refresh(name) }
    }

    /// Adds to, or takes from, a value that is a list (`cleanup.policy`).
    mutating func change(
        _ name: String, appending added: [String] = [], subtracting removed: [String] = []
    ) throws(Invalid) {
        guard let definition = Self.definition(of: name) else { throw .unknown(name) }
        guard definition.kind == .list else {
            throw Invalid(name: name, description: "Config '\(name)' is no list, so nothing can be added or removed.")
        }
        var items = Definition.items(of: value(of: name) ?? "")
        for item in added where !items.contains(item) { items.append(item) }
        items.removeAll { removed.contains($0) }
        try set(name, to: items.joined(separator: ","))
    }

    /// The value as it is kept: checked, and without spaces around it.
    static func checked(_ name: String, _ value: String) throws(Invalid) -> String {
        guard let definition = definition(of: name) else { throw .unknown(name) }
        return try definition.checked(value)
    }

    private static func checked(
        _ values: some Sequence<(key: String, value: String)>
    ) throws(Invalid) -> OrderedDictionary<String, String> {
        var checked: OrderedDictionary<String, String> = [:]
        for (name, value) in values { checked[name] = try Self.checked(name, value) }
        return checked
    }

    /// For look-ups only.
    private static let positions = Dictionary(
        uniqueKeysWithValues: definitions.enumerated().map { ($1.name, $0) })

    /// Brings the typed value up to the text in force, which has been checked.
    private mutating func refresh(_ name: String) {
        let text = value(of: name) ?? ""
        let number = Int64(text) ?? 0
        switch name {
        case "cleanup.policy":
            deletes = Definition.items(of: text).contains("delete")
            compacts = Definition.items(of: text).contains("compact")
        case "message.timestamp.type": stampsAppendTime = text == "LogAppendTime"
        case "max.message.bytes": maxMessageBytes = Int(number)
        case "min.insync.replicas": minInsyncReplicas = Int(number)
        case "retention.ms": retentionTime = number < 0 ? nil : .milliseconds(number)
        case "retention.bytes": retentionBytes = number < 0 ? nil : number
        case "segment.bytes": segmentBytes = Int(number)
        case "delete.retention.ms": deleteRetention = .milliseconds(number)
        case "min.cleanable.dirty.ratio": minCleanableDirtyRatio = Double(text) ?? 0.5
        case "min.compaction.lag.ms": minCompactionLag = .milliseconds(number)
        case "message.timestamp.after.max.ms": timestampAfterMaxMilliseconds = number
        case "message.timestamp.before.max.ms": timestampBeforeMaxMilliseconds = number
        default: break
        }
    }
}

extension TopicSettings {
    func restrict(_ rules: inout AppendRules, now: ClusterTime) {
        rules.batchBytesLimit = maxMessageBytes
        rules.segmentBytes = segmentBytes
        rules.needsKeys = compacts
        if stampsAppendTime { rules.appendTime = now.wallMilliseconds }
        let earliest = now.wallMilliseconds.subtractingReportingOverflow(timestampBeforeMaxMilliseconds)
        let latest = now.wallMilliseconds.addingReportingOverflow(timestampAfterMaxMilliseconds)
        rules.timestamps =
            (earliest.overflow ? .min : earliest.partialValue)...(latest.overflow ? .max : latest.partialValue)
    }
}

extension TopicSettings.Invalid {
    static func unknown(_ name: String) -> TopicSettings.Invalid {
        TopicSettings.Invalid(name: name, description: "Unknown topic config name: \(name)")
    }
}
