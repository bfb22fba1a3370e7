// Why a function is bound to a topic, or not: every rule between a gateway's listing and a call, one after the other.

/// What stands between one function and one topic.
public struct Explanation: Equatable, Sendable {
    public struct Finding: Equatable, Sendable {
        /// Whether it lets the event through.
        public var isGood: Bool
        public var text: String
    }

    public let function: String
    public let topic: String
    public private(set) var findings: [Finding] = []

    /// Whether an event of the topic leads to a call of the function.
    public var isBound: Bool { findings.allSatisfy(\.isGood) }

    /// For people: the verdict, then a line for each finding.
    public var text: String {
        let verdict = "\(function) is \(isBound ? "bound" : "not bound") to \(topic)"
        return ([verdict] + findings.map { "\($0.isGood ? "  yes" : "  NO ") \($0.text)" }).joined(separator: "\n")
            + "\n"
    }

    private mutating func find(_ isGood: Bool, _ text: String) { findings.append(Finding(isGood: isGood, text: text)) }

    /// Asks the gateway anew.
    ///
    /// - Parameters:
    ///   - function: `name` or `name.namespace`, as in the gateway's paths.
    ///   - configuration: Of the connector that is asked about.
    /// - Throws: What a listing throws.
    public init(
        function: String, topic: String, of gateway: any Gateway, by configuration: ConnectorConfiguration
    ) async throws {
        self.function = function
        self.topic = topic
        explainTopic(configuration)
        let namespaces = try await gateway.namespaces()
        if namespaces.isEmpty && configuration.namespaces != NamespaceFilter() {
            find(false, NamespacesError.noneToFilter.description)
            return
        }
        let candidates = Self.candidates(function, namespaces)
        if let namespace = candidates.unknownNamespace {
            find(false, "the gateway lists no namespace \(namespace), only \(Self.list(namespaces))")
            return
        }
        // One that is served is meant, if there is any.
        let isServed = { (namespace: String?) in namespace.map(configuration.namespaces.allows) ?? true }
        var all: [FunctionDescription] = []
        let servedFirst = candidates.namespaces.filter(isServed) + candidates.namespaces.filter { !isServed($0) }
        for namespace in servedFirst where all.isEmpty || isServed(namespace) {
            all += try await gateway.functions(in: namespace)
                .filter { $0.name == FunctionName(candidates.name, namespace: namespace) }
        }
        let isBound = { !TopicMap([$0], rules: configuration.annotations).functions(for: topic).isEmpty }
        guard let found = all.first(where: isBound) ?? all.first else {
            let places = candidates.namespaces.compactMap { $0 }
            find(false, "the gateway lists no function \(candidates.name)\(Self.place(places))")
            return
        }
        find(true, "the gateway lists \(found.name)")
        let others = all.map(\.name).filter { $0 != found.name }.map(\.description)
        if !others.isEmpty { find(true, "of the same name it lists \(Self.list(others)), to be asked for by that") }
        explain(found.name.namespace, configuration.namespaces)
        explain(found, configuration.annotations)
    }

    private mutating func explainTopic(_ configuration: ConnectorConfiguration) {
        switch configuration.topics {
        case .annotated: find(true, "topics=* reads every topic that a function names")
        case .named(let topics) where topics.contains(topic): find(true, "\(topic) is among topics")
        case .named(let topics): find(false, "\(topic) is not among topics, which are \(Self.list(topics))")
        }
    }

    private mutating func explain(_ namespace: String?, _ filter: NamespaceFilter) {
        guard let namespace, filter != NamespaceFilter() else { return }
        if filter.excluded.contains(namespace) {
            find(false, "exclude_namespaces has its namespace \(namespace)")
        } else if !filter.allows(namespace) {
            find(false, "namespaces has not its namespace \(namespace), only \(Self.list(filter.included))")
        } else {
            find(true, "its namespace \(namespace) is served")
        }
    }

    private mutating func explain(_ description: FunctionDescription, _ rules: TopicMap.Rules) {
        guard let annotation = description.annotations[TopicMap.annotation] else {
            let alike = description.annotations.keys.filter { $0.lowercased().hasPrefix("topic") }.sorted()
            let hint = alike.isEmpty ? "" : "; it has \(Self.list(alike)), which is another"
            find(false, "it has no annotation \(TopicMap.annotation)\(hint)")
            return
        }
        let topics = TopicMap.topics(in: annotation, delimiter: rules.delimiter)
        let parsed = "its annotation \(TopicMap.annotation)=\(JSONText.quoted(annotation)) means \(Self.list(topics))"
        let map = TopicMap([description], rules: rules)
        if !map.functions(for: topic).isEmpty {
            find(true, parsed)
        } else if rules.withheld.contains(topic), isNamed(topic, by: description, rules) {
            find(false, "\(parsed), but topics=* with topic_wildcards withholds it")
        } else if topics.contains(where: { $0.contains("*") && TopicPattern($0).matches(topic) }) {
            find(false, "\(parsed), but topic_wildcards is false, so that * stands for itself")
        } else if topics.contains(where: { $0.lowercased() == topic.lowercased() }) {
            find(false, "\(parsed), but upper and lower case are not the same")
        } else if annotation.contains(topic) {
            find(false, "\(parsed), which is not \(topic): the delimiter is \(JSONText.quoted(rules.delimiter))")
        } else {
            find(false, "\(parsed), not \(topic)")
        }
        for problem in map.problems { find(true, "ignored: \(problem)") }
    }

    private func isNamed(_ topic: String, by description: FunctionDescription, _ rules: TopicMap.Rules) -> Bool {
        var rules = rules
        rules.withheld = []
        return !TopicMap([description], rules: rules).functions(for: topic).isEmpty
    }

    // MARK: Names

    /// Where the function may be. A name with a dot names its namespace, unless the gateway lists no such namespace and
    /// knows none at all.
    private static func candidates(
        _ function: String, _ namespaces: [String]
    ) -> (name: String, namespaces: [String?], unknownNamespace: String?) {
        guard !namespaces.isEmpty else { return (function, [nil], nil) }
        guard let dot = function.lastIndex(of: ".") else { return (function, namespaces, nil) }
        let namespace = String(function[function.index(after: dot)...])
        let name = String(function[..<dot])
        return (name, [namespace], namespaces.contains(namespace) ? nil : namespace)
    }

    private static func place(_ namespaces: [String]) -> String {
        namespaces.isEmpty ? "" : " in \(list(namespaces))"
    }

    private static func list(_ items: [String]) -> String { items.isEmpty ? "none" : items.joined(separator: ", ") }
}
