internal import KafkaProtocol

extension FaultPlan {
    /// - Throws: ``FakeBrokerError`` that names the field, its value and what is accepted.
    func validate() throws(FakeBrokerError) {
        guard rules.count <= Self.rulesLimit else {
            throw .fault("", "\(rules.count) rules", accepted: "up to \(Self.rulesLimit)")
        }
        for (index, rule) in rules.enumerated() { try rule.validate("[\(index)]") }
    }

    static let rulesLimit = 1000
}

extension FaultRule {
    /// - Parameter path: where the rule stands, such as `[2]`.
    func validate(_ path: String) throws(FakeBrokerError) {
        for api in apis where APIKey.named(api) == nil {
            throw .fault("\(path).api", "'\(api)'", accepted: "Kafka's names of requests, such as Produce or Fetch")
        }
        for broker in brokers where broker < 1 {
            throw .fault("\(path).broker", "\(broker)", accepted: "node ids, from 1")
        }
        guard after >= 0 else { throw .fault("\(path).after", "\(after)", accepted: "0 or more") }
        if let count, count < 1 { throw .fault("\(path).count", "\(count)", accepted: "1 or more") }
        guard 0...1 ~= probability else {
            throw .fault("\(path).probability", "\(probability)", accepted: "0 to 1")
        }
        guard Self.durations ~= delay else {
            throw .fault("\(path).delay", FaultTime.text(delay), accepted: "0 to 24h")
        }
        guard act != nil || delay > .zero else {
            throw .fault("\(path)", "without effect", accepted: "rules with an 'act', a 'delay' or both")
        }
        try act?.validate("\(path).act")
        if let act, let own = act.apis, let wrong = apis.first(where: { !own.contains($0) }) {
            throw .fault(
                "\(path).api", "'\(wrong)'", accepted: "for this act \(own.joined(separator: " and "))")
        }
    }

    static let durations: ClosedRange<Duration> = .zero ... .seconds(86_400)
}

extension FaultAction {
    /// The only requests that can be met so; nil: all.
    var apis: [String]? {
        switch self {
        case .badCRC, .lie(.emptyFetch): [APIKey.fetch.name]
        case .lie(.zeroOffsets): [APIKey.listOffsets.name]
        case .lie(.lostCommit): [APIKey.offsetCommit.name, APIKey.txnOffsetCommit.name]
        default: nil
        }
    }

    func validate(_ path: String) throws(FakeBrokerError) {
        switch self {
        case .tear(let bytes):
            guard bytes >= 0 else { throw .fault("\(path).tear", "\(bytes)", accepted: "0 bytes or more") }
        case .trickle(let bytes, let every):
            guard bytes >= 1 else { throw .fault("\(path).trickle.bytes", "\(bytes)", accepted: "1 or more") }
            guard FaultRule.durations ~= every else {
                throw .fault("\(path).trickle.every", FaultTime.text(every), accepted: "0 to 24h")
            }
        case .corrupt(let bits):
            guard 1...1000 ~= bits else { throw .fault("\(path).corrupt", "\(bits)", accepted: "1 to 1000 bits") }
        case .stallReads(let time?):
            guard FaultRule.durations ~= time else {
                throw .fault("\(path).stallReads", FaultTime.text(time), accepted: "0 to 24h, or null")
            }
        case .fail(let error), .failAfterwards(let error):
            guard error != .none else { throw .fault("\(path).fail", "NONE", accepted: "errors") }
        case .drop, .close, .reset, .badCRC, .halfOpen, .stallReads(nil), .lie: break
        }
    }
}

extension FakeBrokerError {
    /// - Parameter path: from the plan on, such as `[0].act`.
    static func fault(_ path: String, _ value: String, key: String? = nil, accepted: String) -> FakeBrokerError {
        FakeBrokerError(
            .invalidFaultPlan, "faults\(path) is \(value); accepted are \(accepted).",
            fault: InvalidFault(path: path, key: key, value: value, accepted: accepted))
    }
}

extension APIKey {
    static func named(_ name: String) -> APIKey? { allCases.first { $0.name == name } }
}

/// Durations in error messages and files.
enum FaultTime {
    static func text(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        guard attoseconds != 0 else { return "\(seconds)s" }
        let milliseconds = Double(seconds) * 1e3 + Double(attoseconds) / 1e15
        guard milliseconds != milliseconds.rounded() else { return "\(Int64(milliseconds))ms" }
        return "\(milliseconds * 1e3)us"
    }
}
