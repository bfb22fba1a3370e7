import Connector
import Testing

@Suite struct TopicMapTests {
    private func function(_ name: String, topic: String?, namespace: String? = nil) -> FunctionDescription {
        FunctionDescription(
            name: FunctionName(name, namespace: namespace), annotations: topic.map { ["topic": $0] } ?? [:])
    }

    @Test func `a topic lists its functions in the order of the listing`() {
        let map = TopicMap([
            function("figlet", topic: "faas-request,audit"), function("none", topic: nil),
            function("echo", topic: "faas-request"),
        ])
        #expect(map.topics == ["faas-request", "audit"])
        #expect(map.functions(for: "faas-request") == [FunctionName("figlet"), FunctionName("echo")])
        #expect(map.functions(for: "audit") == [FunctionName("figlet")])
        #expect(map.functions(for: "nobody").isEmpty)
    }

    @Test(arguments: [
        ("a,b", ",", ["a", "b"]),
        (" a , b ", ",", ["a", "b"]),
        ("a,,b,", ",", ["a", "b"]),
        ("a,b", "", ["a,b"]),
        ("  a b ", "", ["a b"]),
        ("a;b", ";", ["a", "b"]),
        ("a,b", ";", ["a,b"]),
        ("a::b", "::", ["a", "b"]),
        ("", ",", []),
        (" , ", ",", []),
    ])
    func `an annotation is split, trimmed and freed of empty topics`(
        annotation: String, delimiter: String, topics: [String]
    ) {
        #expect(TopicMap.topics(in: annotation, delimiter: delimiter) == topics)
    }

    @Test func `a function that names a topic twice is bound once`() {
        let map = TopicMap([function("figlet", topic: "a, a,a")])
        #expect(map.functions(for: "a") == [FunctionName("figlet")])
    }

    @Test func `topics match exactly, case included`() {
        let map = TopicMap([function("figlet", topic: "Orders")])
        #expect(map.functions(for: "orders").isEmpty)
        #expect(map.functions(for: "Orders.eu").isEmpty)
    }

    @Test func `one name in two namespaces is two functions`() {
        let map = TopicMap([
            function("figlet", topic: "a", namespace: "dev"), function("figlet", topic: "a", namespace: "prod"),
        ])
        #expect(map.functions(for: "a").map(\.description) == ["figlet.dev", "figlet.prod"])
    }

    @Test func `without the option a star is a letter like any other`() {
        let map = TopicMap([function("figlet", topic: "orders.*")])
        #expect(map.functions(for: "orders.eu").isEmpty)
        #expect(map.functions(for: "orders.*") == [FunctionName("figlet")])
    }

    @Test func `with wildcards a function is bound once, however many of its topics match`() {
        var rules = TopicMap.Rules()
        rules.hasWildcards = true
        let map = TopicMap(
            [function("all", topic: "*,orders.*,orders.eu"), function("eu", topic: "orders.eu")], rules: rules)
        #expect(map.functions(for: "orders.eu") == [FunctionName("all"), FunctionName("eu")])
        #expect(map.functions(for: "orders.us") == [FunctionName("all")])
        #expect(map.topics == ["orders.eu"])
        #expect(map.patterns.map(\.text) == ["*", "orders.*"])
    }

    @Test(arguments: [
        ("*", "", true), ("*", "anything", true), ("a*", "a", true), ("a*", "ba", false), ("*a", "ba", true),
        ("a*b*c", "a-b-c", true), ("a*b*c", "abbc", true), ("a*b*c", "acb", false), ("a*a", "a", false),
        ("a.b*", "axb", false), ("a**b", "a-b", true),
    ])
    func `a star stands for any run of characters`(pattern: String, topic: String, matches: Bool) {
        #expect(TopicPattern(pattern).matches(topic) == matches)
        let expression = try? Regex(TopicPattern(pattern).regularExpression)
        #expect((expression.flatMap { try? $0.wholeMatch(in: topic) } != nil) == matches)
    }

    @Test func `a topic that is withheld is nobody's, by name or pattern, and the name is told`() {
        var rules = TopicMap.Rules()
        rules.hasWildcards = true
        rules.withheld = ["letters"]
        let map = TopicMap([function("all", topic: "*"), function("one", topic: "letters,a")], rules: rules)
        #expect(map.functions(for: "letters").isEmpty)
        #expect(map.topics == ["a"])
        #expect(map.functions(for: "a") == [FunctionName("one"), FunctionName("all")])
        #expect(map.problems.count == 1)
        #expect(map.problems.first?.hasPrefix("function one: topic=\"letters\" is not valid") == true)
    }

    /// Else one function's annotation could end the connector, or have it read all topics.
    @Test(arguments: [false, true])
    func `a topic in an annotation is never a regular expression`(hasWildcards: Bool) {
        var rules = TopicMap.Rules()
        rules.hasWildcards = hasWildcards
        let map = TopicMap(
            [FunctionDescription(name: FunctionName("figlet"), annotations: ["topic": "^(, ^.*, a, b\u{0}*"])],
            rules: rules)
        #expect(map.topics == ["a"])
        #expect(map.patterns.isEmpty)
        #expect(map.functions(for: "a") == [FunctionName("figlet")])
        let accepted = "names without '^' in front, and without NUL"
        #expect(map.problems.first == "function figlet: topic=\"^(\" is not valid: \(accepted)")
        #expect(map.problems.count == 3)
    }

    @Test func `a wait that is at least longer than at most is told, and left out`() {
        let map = TopicMap([
            FunctionDescription(
                name: FunctionName("figlet"),
                annotations: [
                    "topic": "a", "com.openfaas.retry.min_wait": "5s", "com.openfaas.retry.max_wait": "1s",
                ])
        ])
        let problem = map.problems.first ?? ""
        #expect(problem.contains("com.openfaas.retry.min_wait=\"5s\" is not valid: a duration no longer than"))
        let subscription = map.subscriptions(for: "a").first
        #expect(subscription?.minWait == nil && subscription?.maxWait == .seconds(1))
    }

    @Test func `an annotation that cannot be used is told, and the function keeps its topic`() {
        let map = TopicMap([
            FunctionDescription(
                name: FunctionName("figlet"),
                annotations: [
                    "topic": "a", "com.openfaas.retry.attempts": "many", "com.openfaas.retry.codes": "429,",
                    "com.openfaas.retry.min_wait": "-1s", "com.openfaas.connector.max_in_flight": "0",
                ])
        ])
        #expect(map.functions(for: "a") == [FunctionName("figlet")])
        #expect(map.problems.count == 3)
        #expect(
            map.problems.first
                == """
                function figlet: com.openfaas.retry.attempts="many" is not valid: a whole number from 1 to 1000
                """)
    }
}
