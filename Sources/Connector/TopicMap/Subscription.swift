import GoDuration

/// What a function's annotations say of how it wants its events.
public struct Subscription: Equatable, Sendable {
    public let function: FunctionName
    /// What the `com.openfaas.retry.*` annotations override; `nil` leaves the connector's policy.
    public private(set) var attempts: Int?
    public private(set) var minWait: Duration?
    public private(set) var maxWait: Duration?
    public private(set) var codes: [Int]?
    /// The most calls of this function at once; `nil` is bounded by `max_in_flight` alone.
    public private(set) var maxInFlight: Int?

    /// Annotations that subscriptions are made of.
    public enum Annotation: String, CaseIterable, Sendable {
        case attempts = "com.openfaas.retry.attempts"
        case codes = "com.openfaas.retry.codes"
        case minWait = "com.openfaas.retry.min_wait"
        case maxWait = "com.openfaas.retry.max_wait"
        case maxInFlight = "com.openfaas.connector.max_in_flight"

        var accepted: String {
            switch self {
            case .attempts: "a whole number from 1 to 1000"
            case .codes: Subscription.acceptedCodes
            case .minWait, .maxWait: "a duration above zero, such as 500ms, 30s or 1m30s"
            case .maxInFlight: "a whole number from 1 to 100000"
            }
        }
    }

    init(_ function: FunctionName) { self.function = function }

    /// Reads a function's annotations. A value that cannot be used is left out and told in `problems`.
    init(_ description: FunctionDescription, problems: inout [String]) {
        self.init(description.name)
        for annotation in Annotation.allCases {
            guard let value = description.annotations[annotation.rawValue] else { continue }
            if !read(annotation, value) {
                problems.append(description.problem(annotation.rawValue, value, accepted: annotation.accepted))
            }
        }
        if let least = minWait, let most = maxWait, least > most {
            let name = Annotation.minWait.rawValue
            let accepted = "a duration no longer than \(Annotation.maxWait.rawValue)"
            problems.append(description.problem(name, description.annotations[name], accepted: accepted))
            minWait = nil
        }
    }

    private mutating func read(_ annotation: Annotation, _ value: String) -> Bool {
        switch annotation {
        case .attempts: attempts = Int(value).flatMap { (1...1000).contains($0) ? $0 : nil }
        case .maxInFlight: maxInFlight = Int(value).flatMap { (1...100_000).contains($0) ? $0 : nil }
        case .minWait: minWait = Duration(goDuration: value).flatMap { $0 > .zero ? $0 : nil }
        case .maxWait: maxWait = Duration(goDuration: value).flatMap { $0 > .zero ? $0 : nil }
        case .codes: codes = Self.codes(value)
        }
        return switch annotation {
        case .attempts: attempts != nil
        case .maxInFlight: maxInFlight != nil
        case .minWait: minWait != nil
        case .maxWait: maxWait != nil
        case .codes: codes != nil
        }
    }

    public static let acceptedCodes = "statuses from 300 to 599, separated by commas"

    /// Statuses separated by commas; `nil` if there are none, or if one of them is not accepted: what went well would
    /// be called again until it is given up.
    public static func codes(_ text: String) -> [Int]? {
        let items = TopicMap.topics(in: text, delimiter: ",")
        let codes = items.compactMap { Int($0) }.filter { (300...599).contains($0) }
        return codes.count == items.count && !codes.isEmpty ? codes : nil
    }

    /// The connector's policy with this function's own wishes.
    func policy(over common: RetryPolicy) -> RetryPolicy {
        var policy = common
        policy.attempts = attempts ?? policy.attempts
        policy.maxWait = maxWait ?? max(policy.maxWait, minWait ?? .zero)
        policy.minWait = min(minWait ?? policy.minWait, policy.maxWait)
        policy.codes = codes ?? policy.codes
        return policy
    }
}

extension FunctionDescription {
    /// What is told of an annotation that cannot be used.
    func problem(_ annotation: String, _ value: String?, accepted: String) -> String {
        "function \(name): \(SettingError(name: annotation, value: value, accepted: accepted))"
    }
}
