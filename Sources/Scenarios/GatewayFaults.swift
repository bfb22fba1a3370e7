internal import Connector
internal import FakeGateway
internal import Yams

// How FakeGateway's faults stand in a file.

extension [FaultRule] {
    init(_ node: Node, path: String, name: String) throws(SettingError) {
        guard let list = node.sequence, list.count <= Self.rulesLimit else {
            throw .scenario(path, node, name, accepted: "a list of up to \(Self.rulesLimit) rules")
        }
        var rules: [FaultRule] = []
        for (index, rule) in list.enumerated() {
            rules.append(try FaultRule(rule, path: path, name: "\(name)[\(index)]"))
        }
        self = rules
    }

    private static var rulesLimit: Int { 1000 }
}

extension FaultRule {
    private static let keys = ["method", "path", "function", "after", "count", "for", "probability", "delay", "act"]

    fileprivate init(_ node: Node, path: String, name: String) throws(SettingError) {
        let fields = try ScenarioFields(node, path: path, name: name, keys: Self.keys)
        let delay = try fields.duration("delay")
        let act = fields["act"]
        let fault: Fault
        switch (act, delay) {
        case (let act?, nil): fault = try Fault(act, path: path, name: "\(name).act")
        case (nil, let delay?): fault = .delay(delay)
        default: throw fields.error(accepted: "a rule with an 'act' or a 'delay', not both")
        }
        self.init(
            fault, method: try fields.text("method"), path: try fields.text("path"),
            function: try fields.text("function"), skip: try fields.integer("after", in: 0...Int.max) ?? 0,
            count: try fields.integer("count", in: 1...Int.max), for: try fields.duration("for"),
            probability: try fields.share("probability") ?? 1)
    }
}

extension Fault {
    private static let words: [(String, Fault)] = [
        ("dropBeforeRun", .dropBeforeRun), ("dropAfterRun", .dropAfterRun), ("reset", .reset),
        ("halfOpen", .halfOpen), ("unauthorized", .unauthorized), ("providerDown", .provider(.down)),
    ]
    private static let keys = [
        "status", "truncate", "contentLength", "trickle", "replyLate", "replyEarly", "listing", "providerStatus",
    ]
    private static let statuses = 200...599
    private static let bytes = 0...1 << 40

    /// What stands for it in a file, if it needs no value.
    var word: String? { Self.words.first { $0.1 == self }?.0 }

    fileprivate init(_ node: Node, path: String, name: String) throws(SettingError) {
        let words = Self.words.map(\.0).joined(separator: ", ")
        let accepted = "\(words), or one of \(Self.keys.joined(separator: ", ")) with a value"
        if let word = node.scalar?.string {
            guard let found = Self.words.first(where: { $0.0 == word }) else {
                throw .scenario(path, node, name, accepted: accepted)
            }
            self = found.1
            return
        }
        let fields = try ScenarioFields(node, path: path, name: name, keys: Self.keys)
        guard fields.keys.count == 1, let key = fields.keys.first, let value = fields[key] else {
            throw fields.error(accepted: accepted)
        }
        switch key {
        case "status":
            let (code, text) = try Self.reply(fields, key, value)
            self = .status(code, text: text)
        case "replyEarly":
            let (code, text) = try Self.reply(fields, key, value)
            self = .replyEarly(code, text: text)
        case "providerStatus":
            let (code, text) = try Self.reply(fields, key, value)
            self = .provider(.status(code, text: text))
        case "truncate": self = .truncate(after: try fields.integer(key, in: Self.bytes) ?? 0)
        case "contentLength": self = .contentLength(try fields.integer(key, in: Self.bytes) ?? 0)
        case "replyLate": self = .replyLate(try fields.duration(key) ?? .zero)
        case "trickle":
            let inner = try ScenarioFields(value, path: path, name: "\(name).trickle", keys: ["bytes", "every"])
            self = .trickle(
                bytes: try inner.integer("bytes", in: 1...1 << 30) ?? 1,
                every: try inner.duration("every") ?? .milliseconds(10))
        default: self = .listing(try Listing(fields, value))
        }
    }

    /// A status, or a mapping of it and a text.
    private static func reply(
        _ fields: ScenarioFields, _ key: String, _ value: Node
    ) throws(SettingError) -> (code: Int, text: String) {
        guard value.mapping != nil else { return (try fields.integer(key, in: statuses) ?? 500, "") }
        let inner = try ScenarioFields(
            value, path: fields.path, name: "\(fields.name).\(key)", keys: ["code", "text"])
        guard let code = try inner.integer("code", in: statuses) else {
            throw inner.error(accepted: "a mapping with a 'code'")
        }
        return (code, try inner.text("text") ?? "")
    }
}

extension Fault.Listing {
    private static let keys = ["huge"]
    private static let functionsLimit = 1_000_000

    fileprivate init(_ fields: ScenarioFields, _ value: Node) throws(SettingError) {
        switch value.scalar?.string {
        // YAML reads a bare `null` as nothing, hence the word.
        case "empty": self = .null
        case "notJSON": self = .notJSON
        case "stale": self = .stale
        case _?: throw fields.error("listing", accepted: "empty, notJSON, stale, or huge with a number of functions")
        case nil:
            let inner = try ScenarioFields(
                value, path: fields.path, name: "\(fields.name).listing", keys: Self.keys)
            self = .huge(try inner.integer("huge", in: 0...Self.functionsLimit) ?? 0)
        }
    }
}
