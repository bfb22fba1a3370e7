// How a plan stands in a file. Each error names the field, its value and what is accepted; a key that is not known is
// an error too, for a misspelt `count` would mean for ever.

import GoDuration

extension FaultPlan: Codable {
    public init(from decoder: any Decoder) throws {
        var list = try decoder.unkeyedContainer()
        var rules: [FaultRule] = []
        while !list.isAtEnd {
            guard rules.count < Self.rulesLimit else {
                throw FakeBrokerError.fault("", "too long", accepted: "up to \(Self.rulesLimit) rules")
            }
            let path = "[\(rules.count)]"
            let rule = try FaultRule(from: try Fields(list.superDecoder(), path))
            try rule.validate(path)
            rules.append(rule)
        }
        self.init(rules)
    }

    public func encode(to encoder: any Encoder) throws {
        var list = encoder.unkeyedContainer()
        for rule in rules { try list.encode(EncodableRule(rule: rule)) }
    }
}

private struct Key: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }

    init(_ name: String) { stringValue = name }
    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}

/// One object of the file.
private struct Fields {
    let values: KeyedDecodingContainer<Key>
    let path: String

    init(_ decoder: any Decoder, _ path: String) throws {
        guard let values = try? decoder.container(keyedBy: Key.self) else {
            throw FakeBrokerError.fault(path, "not an object", accepted: "objects")
        }
        self.values = values
        self.path = path
    }

    func check(_ known: [String]) throws {
        let unknown = values.allKeys.map(\.stringValue).filter { !known.contains($0) }.sorted()
        guard let first = unknown.first else { return }
        throw FakeBrokerError.fault(path, "with '\(first)'", key: first, accepted: known.joined(separator: ", "))
    }

    func has(_ name: String) -> Bool {
        values.contains(Key(name)) && (try? values.decodeNil(forKey: Key(name))) != true
    }

    /// Nil if it is left out.
    func value<Value: Decodable>(_ name: String, _ accepted: String, _: Value.Type = Value.self) throws -> Value? {
        guard has(name) else { return nil }
        if let value = try? values.decode(Value.self, forKey: Key(name)) { return value }
        throw FakeBrokerError.fault("\(path).\(name)", shown(name), accepted: accepted)
    }

    /// One, or a list.
    func list<Value: Decodable>(_ name: String, _ accepted: String, _: Value.Type = Value.self) throws -> [Value] {
        if let one = try? values.decode(Value.self, forKey: Key(name)) { return [one] }
        return try value(name, "\(accepted), one or a list", [Value].self) ?? []
    }

    func duration(_ name: String) throws -> Duration? {
        let accepted = "durations, such as '200ms' or '1m30s'"
        guard let text = try value(name, accepted, String.self) else { return nil }
        if let duration = Duration(goDuration: text) { return duration }
        throw FakeBrokerError.fault("\(path).\(name)", "'\(text)'", accepted: accepted)
    }

    private func shown(_ name: String) -> String {
        let key = Key(name)
        if let text = try? values.decode(String.self, forKey: key) { return "'\(text)'" }
        if let number = try? values.decode(Double.self, forKey: key) { return "\(number)" }
        if let flag = try? values.decode(Bool.self, forKey: key) { return "\(flag)" }
        return "of another kind"
    }
}

extension FaultRule {
    private static let keys = [
        "name", "api", "client", "broker", "topic", "after", "count", "probability", "delay", "act",
    ]

    fileprivate init(from fields: Fields) throws {
        try fields.check(Self.keys)
        self.init(
            name: try fields.value("name", "text"),
            apis: try fields.list("api", "Kafka's names of requests"),
            clientID: try fields.value("client", "text"),
            brokers: try fields.list("broker", "node ids"),
            topic: try fields.value("topic", "text"),
            after: try fields.value("after", "whole numbers") ?? 0,
            count: try fields.value("count", "whole numbers"),
            probability: try fields.value("probability", "0 to 1") ?? 1,
            delay: try fields.duration("delay") ?? .zero)
        guard fields.has("act") else { return }
        let path = "\(fields.path).act"
        if let word = try? fields.values.decode(String.self, forKey: Key("act")) {
            guard let act = FaultAction(word: word) else {
                throw FakeBrokerError.fault(path, "'\(word)'", accepted: FaultAction.accepted)
            }
            self.act = act
        } else {
            act = try FaultAction(from: Fields(try fields.values.superDecoder(forKey: Key("act")), path))
        }
    }
}

extension FaultAction {
    static let accepted =
        "drop, close, reset, badCRC, halfOpen, stallReads, or one of fail, failAfterwards, tear, trickle, corrupt, "
        + "stallReads and lie with a value"

    private static let words: [(String, FaultAction)] = [
        ("drop", .drop), ("close", .close), ("reset", .reset), ("badCRC", .badCRC), ("halfOpen", .halfOpen),
        ("stallReads", .stallReads(nil)),
    ]

    fileprivate init?(word: String) {
        guard let found = Self.words.first(where: { $0.0 == word }) else { return nil }
        self = found.1
    }

    fileprivate var word: String? { Self.words.first { $0.1 == self }?.0 }

    fileprivate init(from fields: Fields) throws {
        try fields.check(["fail", "failAfterwards", "tear", "trickle", "corrupt", "stallReads", "lie"])
        guard fields.values.allKeys.count == 1, let name = fields.values.allKeys.first?.stringValue else {
            throw FakeBrokerError.fault(fields.path, "not one act", accepted: Self.accepted)
        }
        switch name {
        case "fail": self = .fail(try Self.error(fields, name))
        case "failAfterwards": self = .failAfterwards(try Self.error(fields, name))
        case "tear": self = .tear(afterBytes: try fields.value(name, "a number of bytes") ?? 0)
        case "corrupt": self = .corrupt(bits: try fields.value(name, "a number of bits") ?? 1)
        case "stallReads": self = .stallReads(try fields.duration(name))
        case "trickle":
            let inner = try Fields(try fields.values.superDecoder(forKey: Key(name)), "\(fields.path).\(name)")
            try inner.check(["bytes", "every"])
            self = .trickle(
                bytes: try inner.value("bytes", "a number of bytes") ?? 1,
                every: try inner.duration("every") ?? .milliseconds(10))
        default:
            let accepted = FaultLie.allCases.map(\.rawValue).joined(separator: ", ")
            let text = try fields.value(name, accepted, String.self) ?? "null"
            guard let lie = FaultLie(rawValue: text) else {
                throw FakeBrokerError.fault("\(fields.path).lie", "'\(text)'", accepted: accepted)
            }
            self = .lie(lie)
        }
    }

    private static func error(_ fields: Fields, _ name: String) throws -> KafkaError {
        if let number = try? fields.values.decode(Int16.self, forKey: Key(name)) { return KafkaError(rawValue: number) }
        let accepted = "Kafka's error names, such as NOT_LEADER_OR_FOLLOWER, or codes"
        let text = try fields.value(name, accepted, String.self) ?? "null"
        if let number = Int16(text) { return KafkaError(rawValue: number) }
        guard let error = KafkaError(name: text) else {
            throw FakeBrokerError.fault("\(fields.path).\(name)", "'\(text)'", accepted: accepted)
        }
        return error
    }
}

private struct EncodableRule: Encodable {
    let rule: FaultRule

    func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: Key.self)
        try fields.encodeIfPresent(rule.name, forKey: Key("name"))
        if !rule.apis.isEmpty { try fields.encode(rule.apis, forKey: Key("api")) }
        try fields.encodeIfPresent(rule.clientID, forKey: Key("client"))
        if !rule.brokers.isEmpty { try fields.encode(rule.brokers, forKey: Key("broker")) }
        try fields.encodeIfPresent(rule.topic, forKey: Key("topic"))
        if rule.after != 0 { try fields.encode(rule.after, forKey: Key("after")) }
        try fields.encodeIfPresent(rule.count, forKey: Key("count"))
        if rule.probability != 1 { try fields.encode(rule.probability, forKey: Key("probability")) }
        if rule.delay != .zero { try fields.encode(FaultTime.text(rule.delay), forKey: Key("delay")) }
        guard let act = rule.act else { return }
        if let word = act.word { return try fields.encode(word, forKey: Key("act")) }
        var value = fields.nestedContainer(keyedBy: Key.self, forKey: Key("act"))
        switch act {
        case .fail(let error): try value.encode(error.description, forKey: Key("fail"))
        case .failAfterwards(let error): try value.encode(error.description, forKey: Key("failAfterwards"))
        case .tear(let bytes): try value.encode(bytes, forKey: Key("tear"))
        case .corrupt(let bits): try value.encode(bits, forKey: Key("corrupt"))
        case .stallReads(let time): try value.encode(time.map(FaultTime.text), forKey: Key("stallReads"))
        case .lie(let lie): try value.encode(lie.rawValue, forKey: Key("lie"))
        case .trickle(let bytes, let every):
            var inner = value.nestedContainer(keyedBy: Key.self, forKey: Key("trickle"))
            try inner.encode(bytes, forKey: Key("bytes"))
            try inner.encode(FaultTime.text(every), forKey: Key("every"))
        case .drop, .close, .reset, .badCRC, .halfOpen: break
        }
    }
}
