// Decides which functions want a topic. An immutable snapshot, swapped whole; it may never reach the gateway itself.
// Source: the annotation rules of connector-sdk (docs/configuration.md), with each function bound once.

/// Topic → functions, as the annotations of one listing say.
public struct TopicMap: Equatable, Sendable {
    /// How annotations are read.
    public struct Rules: Equatable, Sendable {
        /// Separates topics in one annotation; empty takes the whole value as one topic. Default `,`.
        public var delimiter = ","
        /// Whether `*` in an annotation stands for any run of characters. Default false: topics match exactly.
        public var hasWildcards = false
        /// Topics that no function gets, by whatever name or pattern it asks for them: what a source, or the connector,
        /// writes there for itself is no event. Default none.
        public var withheld: Set<String> = []

        public init() {}
    }

    /// The annotation that functions subscribe by.
    public static let annotation = "topic"

    /// The topics that functions are subscribed to, in the order in which the listing first names them.
    public let topics: [String]
    /// Topics with a `*`, in the same order; empty unless the rules allow them.
    public let patterns: [TopicPattern]
    /// Annotations that could not be used, each with its function, value and what is accepted.
    public let problems: [String]
    private let withheld: Set<String>
    private let subscriptionsByTopic: [String: [Subscription]]
    private let subscriptionsByFunction: [FunctionName: Subscription]

    /// The map of a connector that has seen no listing.
    public static let empty = TopicMap([])

    /// Reads the annotations of every function, in the gateway's order, which becomes the order of invocation.
    public init(_ functions: [FunctionDescription], rules: Rules = Rules()) {
        var topics: [String] = []
        var patterns: [TopicPattern] = []
        var problems: [String] = []
        var byTopic: [String: [Subscription]] = [:]
        var byFunction: [FunctionName: Subscription] = [:]
        withheld = rules.withheld
        for description in functions {
            guard let annotation = description.annotations[Self.annotation],
                byFunction[description.name] == nil
            else { continue }
            let subscription = Subscription(description, problems: &problems)
            for topic in Self.topics(in: annotation, delimiter: rules.delimiter) {
                // To a source it would be a regular expression, and one that is none would fail all of a subscription.
                guard !topic.hasPrefix("^"), !topic.utf8.contains(0) else {
                    let accepted = "names without '^' in front, and without NUL"
                    problems.append(description.problem(Self.annotation, topic, accepted: accepted))
                    continue
                }
                guard !rules.withheld.contains(topic) else {
                    let accepted = "other topics: topics=* with topic_wildcards withholds this one"
                    problems.append(description.problem(Self.annotation, topic, accepted: accepted))
                    continue
                }
                byFunction[description.name] = subscription
                let bound = byTopic[topic]
                if bound == nil {
                    if rules.hasWildcards && topic.contains("*") {
                        patterns.append(TopicPattern(topic))
                    } else {
                        topics.append(topic)
                    }
                }
                if bound?.contains(where: { $0.function == description.name }) != true {
                    byTopic[topic, default: []].append(subscription)
                }
            }
        }
        self.topics = topics
        self.patterns = patterns
        self.problems = problems
        subscriptionsByTopic = byTopic
        subscriptionsByFunction = byFunction
    }

    /// The functions subscribed to `topic`, each once: by its name, case included, then by patterns.
    public func subscriptions(for topic: String) -> [Subscription] {
        guard !withheld.contains(topic) else { return [] }
        var found = subscriptionsByTopic[topic] ?? []
        for pattern in patterns where pattern.matches(topic) {
            for subscription in subscriptionsByTopic[pattern.text] ?? []
            where !found.contains(where: { $0.function == subscription.function }) {
                found.append(subscription)
            }
        }
        return found
    }

    package var isEmpty: Bool { subscriptionsByTopic.isEmpty }

    package var functionCount: Int { subscriptionsByFunction.count }

    /// How many functions name each topic or pattern, by name.
    package var functionCounts: [(topic: String, functions: Int)] {
        subscriptionsByTopic.map { ($0.key, $0.value.count) }.sorted { $0.0 < $1.0 }
    }

    /// The names of the functions subscribed to `topic`.
    public func functions(for topic: String) -> [FunctionName] {
        subscriptions(for: topic).map(\.function)
    }

    /// Whether the function is still there and still wants the topic.
    package func contains(_ function: FunctionName, for topic: String) -> Bool {
        subscriptionsByFunction[function] != nil && subscriptions(for: topic).contains { $0.function == function }
    }

    /// The most calls of the function at once; `nil` if it is bounded by nothing of its own, or gone.
    func maxInFlight(of function: FunctionName) -> Int? { subscriptionsByFunction[function]?.maxInFlight }

    /// The topics that an annotation names: split, trimmed, without empty ones.
    public static func topics(in annotation: String, delimiter: String) -> [String] {
        let parts = delimiter.isEmpty ? [Substring(annotation)] : annotation.split(separator: delimiter)
        return parts.map { $0.trimmingSpaces() }.filter { !$0.isEmpty }
    }
}

extension Substring {
    fileprivate func trimmingSpaces() -> String {
        guard let first = firstIndex(where: { !$0.isWhitespace }),
            let last = lastIndex(where: { !$0.isWhitespace })
        else { return "" }
        return String(self[first...last])
    }
}
