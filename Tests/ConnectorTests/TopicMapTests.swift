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
}
