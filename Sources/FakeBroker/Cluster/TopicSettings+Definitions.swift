extension TopicSettings {
    /// One name of a topic's configuration.
    struct Definition: Equatable, Sendable {
        /// As numbered in the reply to DescribeConfigs.
        enum Kind: Int8, Sendable {
            case boolean = 1
            case string = 2
            case int = 3
            case long = 5
            case double = 6
            case list = 7
        }

        let name: String
        let kind: Kind
        let defaultValue: String
        /// What a broker's configuration calls the same thing.
        let brokerName: String
        /// Of numbers.
        var range: ClosedRange<Int64> = Int64.min...Int64.max
        /// Of strings and list items; empty: any.
        var accepted: [String] = []

        static func items(of list: String) -> [String] {
            list.split(separator: ",").map { $0.trimmingSpaces() }.filter { !$0.isEmpty }
        }

        func checked(_ value: String) throws(Invalid) -> String {
            let text = value[...].trimmingSpaces()
            switch kind {
            case .boolean:
                let lower = text.lowercased()
                guard lower == "true" || lower == "false" else { throw invalid(value, "true and false") }
                return lower
            case .int, .long:
                let bounds = kind == .int ? range.clamped(to: Int64(Int32.min)...Int64(Int32.max)) : range
                guard let number = Int64(text), bounds.contains(number) else {
                    throw invalid(value, "whole numbers of \(bounds.lowerBound) to \(bounds.upperBound)")
                }
                return "\(number)"
            case .double:
                guard let number = Double(text), 0...1 ~= number else { throw invalid(value, "numbers of 0 to 1") }
                return "\(number)"
            case .string:
                guard accepted.isEmpty || accepted.contains(text) else {
                    throw invalid(value, accepted.joined(separator: ", "))
                }
                return text
            case .list:
                let items = Self.items(of: text)
                guard accepted.isEmpty || items.allSatisfy(accepted.contains) else {
                    throw invalid(value, "lists of \(accepted.joined(separator: ", "))")
                }
                return items.joined(separator: ",")
            }
        }

        private func invalid(_ value: String, _ acceptedValues: String) -> Invalid {
            Invalid(
                name: name,
                description: "Invalid value \(value.prefix(100)) for configuration \(name): accepted are "
                    + "\(acceptedValues).")
        }
    }

    /// All names, in alphabetical order. Those that the log here goes by are the ones that ``TopicSettings`` has typed
    /// values for; the rest are kept and told, and change nothing.
    ///
    /// Source: TopicConfig and LogConfig of Kafka 4. One default differs: `message.timestamp.after.max.ms` is an hour
    /// there, and without end here, as it was in Kafka 3, so that a test may use any times.
    static let definitions: [Definition] = [
        Definition(
            name: "cleanup.policy", kind: .list, defaultValue: "delete", brokerName: "log.cleanup.policy",
            accepted: ["compact", "delete"]),
        number("compression.gzip.level", .int, "-1", -1...9, broker: "compression.gzip.level"),
        number("compression.lz4.level", .int, "9", 1...17, broker: "compression.lz4.level"),
        Definition(
            name: "compression.type", kind: .string, defaultValue: "producer", brokerName: "compression.type",
            accepted: ["uncompressed", "zstd", "lz4", "snappy", "gzip", "producer"]),
        number("compression.zstd.level", .int, "3", -131_072...22, broker: "compression.zstd.level"),
        number("delete.retention.ms", .long, "86400000", 0...maxMs, broker: "log.cleaner.delete.retention.ms"),
        number("file.delete.delay.ms", .long, "60000", 0...maxMs, broker: "log.segment.delete.delay.ms"),
        number("flush.messages", .long, "\(Int64.max)", 1...Int64.max, broker: "log.flush.interval.messages"),
        number("flush.ms", .long, "\(Int64.max)", 0...Int64.max, broker: "log.flush.interval.ms"),
        list("follower.replication.throttled.replicas"),
        number("index.interval.bytes", .int, "4096", 0...maxInt, broker: "log.index.interval.bytes"),
        list("leader.replication.throttled.replicas"),
        number("local.retention.bytes", .long, "-2", -2...Int64.max, broker: "log.local.retention.bytes"),
        number("local.retention.ms", .long, "-2", -2...Int64.max, broker: "log.local.retention.ms"),
        number(
            "max.compaction.lag.ms", .long, "\(Int64.max)", 1...Int64.max, broker: "log.cleaner.max.compaction.lag.ms"),
        number("max.message.bytes", .int, "1048588", 0...maxInt, broker: "message.max.bytes"),
        number(
            "message.timestamp.after.max.ms", .long, "\(Int64.max)", 0...Int64.max,
            broker: "log.message.timestamp.after.max.ms"),
        number(
            "message.timestamp.before.max.ms", .long, "\(Int64.max)", 0...Int64.max,
            broker: "log.message.timestamp.before.max.ms"),
        Definition(
            name: "message.timestamp.type", kind: .string, defaultValue: "CreateTime",
            brokerName: "log.message.timestamp.type", accepted: ["CreateTime", "LogAppendTime"]),
        Definition(
            name: "min.cleanable.dirty.ratio", kind: .double, defaultValue: "0.5",
            brokerName: "log.cleaner.min.cleanable.ratio"),
        number("min.compaction.lag.ms", .long, "0", 0...maxMs, broker: "log.cleaner.min.compaction.lag.ms"),
        number("min.insync.replicas", .int, "1", 1...maxInt, broker: "min.insync.replicas"),
        boolean("preallocate", broker: "log.preallocate"),
        boolean("remote.log.copy.disable", broker: "remote.log.copy.disable"),
        boolean("remote.log.delete.on.disable", broker: "remote.log.delete.on.disable"),
        boolean("remote.storage.enable", broker: "remote.storage.enable"),
        number("retention.bytes", .long, "-1", -1...Int64.max, broker: "log.retention.bytes"),
        number("retention.ms", .long, "604800000", -1...Int64.max, broker: "log.retention.ms"),
        // Kafka's least is 1 MiB since 4.0; a test may want less.
        number("segment.bytes", .int, "1073741824", 14...maxInt, broker: "log.segment.bytes"),
        number("segment.index.bytes", .int, "10485760", 4...maxInt, broker: "log.index.size.max.bytes"),
        number("segment.jitter.ms", .long, "0", 0...Int64.max, broker: "log.roll.jitter.ms"),
        number("segment.ms", .long, "604800000", 1...Int64.max, broker: "log.roll.ms"),
        boolean("unclean.leader.election.enable", broker: "unclean.leader.election.enable"),
    ]

    private static let maxInt = Int64(Int32.max)
    private static let maxMs = Int64.max

    private static func number(
        _ name: String, _ kind: Definition.Kind, _ value: String, _ range: ClosedRange<Int64>, broker: String
    ) -> Definition {
        Definition(name: name, kind: kind, defaultValue: value, brokerName: broker, range: range)
    }

    private static func boolean(_ name: String, broker: String) -> Definition {
        Definition(name: name, kind: .boolean, defaultValue: "false", brokerName: broker)
    }

    private static func list(_ name: String) -> Definition {
        Definition(name: name, kind: .list, defaultValue: "", brokerName: name)
    }
}

extension Substring {
    /// Without the spaces and tabs around it.
    fileprivate func trimmingSpaces() -> String {
        String(drop { $0 == " " || $0 == "\t" }.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
    }
}
