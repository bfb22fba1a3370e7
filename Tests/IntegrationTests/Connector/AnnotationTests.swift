import Connector
import FakeBroker
import FakeGateway
import KafkaConnector
import TestSupport
import Testing

/// Which functions get which topics, by what the gateway lists.
@Suite struct AnnotationTests {
    private func function(_ name: String, in namespace: String? = nil, topic: String) -> Function {
        Function(name, namespace: namespace, topic: topic) { _ in FunctionReply() }
    }

    private func called(_ system: ConnectorSystem) async throws -> [String] {
        try await system.gateway.callsByFunction().map(\.name)
    }

    // MARK: Namespaces

    @Test(arguments: [
        ([:], ["f.dev", "f.openfaas-fn", "f.staging"]),
        (["namespaces": "dev"], ["f.dev"]),
        (["namespaces": "dev,staging"], ["f.dev", "f.staging"]),
        (["exclude_namespaces": "dev"], ["f.openfaas-fn", "f.staging"]),
        (["namespaces": "dev,staging", "exclude_namespaces": "staging"], ["f.dev"]),
    ])
    func `functions of namespaces that are included and not excluded are called`(
        settings: [String: String], names: [String]
    ) async throws {
        let namespaces = ["openfaas-fn", "dev", "staging"]
        try await ConnectorSystem.run(
            settings, functions: namespaces.map { function("f", in: $0, topic: "t") },
            gateway: { $0.namespaces = namespaces }
        ) { system in
            try await system.append("a")
            try await system.until("the event is done") { $0.handled == 1 }
            #expect(try await called(system) == names)
            // Nor does it ask for what it does not serve.
            let asked = try await system.gateway.requests().map(\.target).filter { $0.contains("/system/functions") }
            for namespace in namespaces {
                let isServed = names.contains("f.\(namespace)")
                #expect(asked.contains { $0.hasSuffix("namespace=\(namespace)") } == isServed, "\(namespace)")
            }
        }
    }

    // MARK: Wildcards

    @Test(arguments: [false, true])
    func `a topic with a wildcard is a pattern only if that is set`(isOn: Bool) async throws {
        try await ConnectorSystem.run(
            ["topics": "orders.eu,audit", "topic_wildcards": "\(isOn)"],
            functions: [function("all", topic: "orders.*"), function("plain", topic: "orders.eu, audit")],
            broker: { $0.topics = [.init("orders.eu"), .init("audit")] }
        ) { system in
            try await system.append("a", to: "orders.eu")
            try await system.append("b", to: "audit")
            try await system.until("both are done") { $0.handled == 2 }
            let expected = isOn ? ["all.openfaas-fn", "plain.openfaas-fn"] : ["plain.openfaas-fn"]
            #expect(try await called(system) == expected)
            #expect(try await system.gateway.calls(of: "plain.openfaas-fn").count == 2)
        }
    }

    // MARK: topics=*

    @Test func `with topics=* the annotations are followed without a restart`() async throws {
        try await ConnectorSystem.run(
            ["topics": "*"], functions: [function("f", topic: "t")], broker: { $0.topics = [.init("t"), .init("u")] }
        ) { system in
            try await system.append("a")
            try await system.append("early", to: "u")
            try await system.until("the first call") { $0.handled == 1 }
            try await system.gateway.deploy(function("g", topic: "u"))
            try await system.until("the topic's first event") { $0.handled == 2 }
            #expect(try await system.gateway.calls(of: "g.openfaas-fn").map(\.text) == ["early"])
        }
    }

    @Test func `with topics=* a topic that is made after it was named is found`() async throws {
        try await ConnectorSystem.run(["topics": "*"], functions: [function("f", topic: "t,later")]) { system in
            try await system.append("a")
            try await system.until("the first call") { $0.handled == 1 }
            try await system.broker.createTopic("later")
            try await system.append("b", to: "later")
            try await system.until("the new topic's first event") { $0.handled == 2 }
            #expect(try await system.gateway.calls(of: "f.openfaas-fn").map(\.text) == ["a", "b"])
        }
    }

    @Test func `with topics=* a topic that may not be read holds up no other`() async throws {
        try await ConnectorSystem.run(
            ["topics": "*"], functions: [function("f", topic: "t"), function("g", topic: "secret")],
            broker: {
                $0.topics = [.init("t"), .init("secret")]
                $0.security.authorization = .init(acls: [
                    .allow("User:ANONYMOUS", .all, .topic("t")), .allow("User:ANONYMOUS", .all, .group("*")),
                ])
            }
        ) { system in
            try await system.append("a")
            try await system.until("the call") { $0.handled == 1 }
            try await eventually("it is told") { system.log.text.contains("TOPIC_AUTHORIZATION_FAILED") }
            try await system.append("b")
            try await system.until("the next call") { $0.handled == 2 }
        }
    }

    @Test func `with topics=* a name that no topic can have holds up no other`() async throws {
        try await ConnectorSystem.run(
            ["topics": "*"], functions: [function("f", topic: "t,x y"), function("g", topic: "/")]
        ) { system in
            try await system.append("a")
            try await system.until("the call") { $0.handled == 1 }
            #expect(system.log.text.contains("warning no topic can be named 'x y'"))
            #expect(system.log.text.contains("warning no topic can be named '/'"))
        }
    }

    @Test func `with topics=* and no function that names one, it is ready, and joins when one does`() async throws {
        try await ConnectorSystem.run(["topics": "*"], functions: []) { system in
            try await eventually("ready") { system.service.metrics.missing == nil }
            try await system.gateway.deploy(function("f", topic: "t"))
            try await system.append("a")
            try await system.until("the call") { $0.handled == 1 }
            #expect(system.service.metrics.missing == nil)
        }
    }

    @Test func `with topics=* a topic that no function names any more is given up`() async throws {
        try await ConnectorSystem.run(
            ["topics": "*"], functions: [function("f", topic: "t"), function("g", topic: "u")],
            broker: { $0.topics = [.init("t"), .init("u")] }
        ) { system in
            try await system.append("a", to: "u")
            try await system.until("the first call") { $0.handled == 1 }
            try await system.gateway.remove("g")
            try await eventually("the topic is given up") {
                let group = try await system.broker.describeGroup(ConnectorSystem.group)
                return group?.members.map { $0.assignment.filter { !$0.value.isEmpty } } == [["t": [0]]]
            }
            try await system.append("unwanted", to: "u")
            try await system.append("b")
            try await system.until("the function that stayed") { $0.handled == 2 }
            #expect(system.ledger.account.received == 2)
            #expect(system.ledger.account.skipped.isEmpty)
        }
    }

    @Test func `with topics=* a pattern takes in topics as they are made`() async throws {
        try await ConnectorSystem.run(
            ["topics": "*", "topic_wildcards": "true"], functions: [function("f", topic: "orders.*")],
            broker: { $0.topics = [.init("orders.eu"), .init("other")] }
        ) { system in
            try await system.append("a", to: "orders.eu")
            try await system.append("not this", to: "other")
            try await system.until("the first call") { $0.handled == 1 }
            try await system.broker.createTopic("orders.us")
            try await system.append("b", to: "orders.us")
            try await system.until("the second call") { $0.handled == 2 }
            #expect(try await system.gateway.calls(of: "f.openfaas-fn").map(\.text) == ["a", "b"])
            #expect(system.ledger.account.received == 2)
        }
    }

    @Test func `a pattern finds neither Kafka's own topics nor the dead-letter topic`() async throws {
        try await ConnectorSystem.run(
            ["topics": "*", "topic_wildcards": "true", "dead_letter_topic": "letters.of.all"],
            functions: [function("f", topic: "*")],
            broker: {
                $0.topics = [.init("__consumer_offsets"), .init("letters.of.all"), .init("lettersXofXall"), .init("t")]
            }
        ) { system in
            for topic in ["__consumer_offsets", "letters.of.all", "lettersXofXall", "t"] {
                try await system.append("of \(topic)", to: topic)
            }
            try await system.until("two calls") { $0.handled == 2 }
            let called = try await system.gateway.calls(of: "f.openfaas-fn").map(\.text).sorted()
            #expect(called == ["of lettersXofXall", "of t"])
            let group = try #require(try await system.broker.describeGroup(ConnectorSystem.group))
            #expect(group.members.flatMap { $0.assignment.keys }.sorted() == ["lettersXofXall", "t"])
        }
    }

    /// librdkafka would join no group while it looks for a topic that is hidden from it.
    @Test func `a function that names a hidden topic holds up no other`() async throws {
        try await ConnectorSystem.run(
            ["topics": "*", "topic_wildcards": "true", "dead_letter_topic": "letters"],
            functions: [function("f", topic: "t"), function("g", topic: "letters,__consumer_offsets")],
            broker: { $0.topics = [.init("t"), .init("letters"), .init("__consumer_offsets")] }
        ) { system in
            try await system.append("a")
            try await system.until("the call") { $0.handled == 1 }
            #expect(system.log.text.contains("function g.openfaas-fn: topic=\"letters\" is not valid"))
        }
    }

    // MARK: Functions that vanish

    @Test(arguments: ["at-most-once", "at-least-once"])
    func `a function that vanishes while it is called is a counted drop`(delivery: String) async throws {
        let gate = Gate()
        let leaving = Function(
            "leaving", topic: "t",
            asynchronously: { _ in
                await gate.pass()
                return FunctionReply("", status: 404)
            })
        try await ConnectorSystem.run(["delivery": delivery], functions: [leaving]) { system in
            try await system.append("a", "b")
            try await eventually("the call has come to the function") { gate.waiting == 1 }
            try await system.gateway.remove("leaving")
            try await eventually("the map is without it") { system.metric("connector_bound_topics") == 0 }
            gate.open()
            try await system.until("the first is given up") { $0.gaveUp[.functionVanished] == 1 && $0.handled == 1 }
            try await system.until("nobody wants the next") { $0.skipped[.noFunction] == 1 }
            #expect(system.metric(#"connector_dropped_total{reason="function_vanished"}"#) == 1)
            #expect(system.metric(#"connector_dropped_total{reason="no_function"}"#) == 1)
            try await eventually("both are committed") { try await system.committed() == 2 }
        }
    }
}
