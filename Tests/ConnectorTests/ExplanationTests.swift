import Connector
import Testing

/// Why a function is bound to a topic, or not.
@Suite struct ExplanationTests {
    private struct Listing: Gateway {
        var functionsByNamespace: [String: [FunctionDescription]] = [:]
        var names = ["dev", "prod"]

        func namespaces() async throws -> [String] { names }

        func functions(in namespace: String?) async throws -> [FunctionDescription] {
            (functionsByNamespace[namespace ?? ""] ?? []).map { function in
                FunctionDescription(
                    name: FunctionName(function.name.name, namespace: namespace), annotations: function.annotations)
            }
        }

        func invoke(_ invocation: Invocation) async throws(InvocationFailure) -> Reply { Reply(status: 500) }
    }

    private func explain(
        _ function: String = "f", _ topic: String = "orders", annotations: [String: String] = ["topic": "orders,audit"],
        _ change: (inout ConnectorConfiguration, inout Listing) -> Void = { _, _ in }
    ) async throws -> Explanation {
        var listing = Listing()
        let described = [FunctionDescription(name: FunctionName("f"), annotations: annotations)]
        listing.functionsByNamespace = ["dev": described, "": described]
        var configuration = ConnectorConfiguration(topics: ["orders", "audit", "Orders", "orders.eu"])
        change(&configuration, &listing)
        return try await Explanation(function: function, topic: topic, of: listing, by: configuration)
    }

    @Test func `a function that is bound says by what`() async throws {
        for name in ["f", "f.dev"] {
            let explanation = try await explain(name)
            #expect(explanation.isBound)
            #expect(explanation.text.contains("\(name) is bound to orders\n"))
            #expect(explanation.text.contains("its annotation topic=\"orders,audit\" means orders, audit"))
        }
        #expect(try await explain { $1.names = [] }.isBound)
        #expect(try await explain { configuration, _ in configuration.topics = .annotated }.isBound)
    }

    @Test func `of functions of one name the one that is served and bound is meant, and the others are told`()
        async throws
    {
        func named(_ topic: String) -> [FunctionDescription] {
            [FunctionDescription(name: FunctionName("f"), annotations: ["topic": topic])]
        }
        let bound = try await explain { $1.functionsByNamespace = ["dev": named("audit"), "prod": named("orders")] }
        #expect(bound.isBound)
        #expect(bound.text.contains("the gateway lists f.prod\n"))
        #expect(bound.text.contains("of the same name it lists f.dev, to be asked for by that\n"))
        let served = try await explain { configuration, listing in
            configuration.namespaces.included = ["prod"]
            listing.functionsByNamespace = ["dev": named("orders"), "prod": named("orders")]
        }
        #expect(served.isBound)
        #expect(!served.text.contains("f.dev"))
    }

    @Test func `each thing in between is named`() async throws {
        func because(_ words: String, _ explanation: Explanation) {
            #expect(!explanation.isBound, "\(explanation.text)")
            #expect(explanation.findings.contains { !$0.isGood && $0.text.contains(words) }, "\(explanation.text)")
        }
        because("is not among topics, which are orders", try await explain("f", "other"))
        because("lists no function g in dev, prod", try await explain("g"))
        because("lists no namespace stage, only dev, prod", try await explain("f.stage"))
        because("lists no function f in prod", try await explain("f.prod"))
        because("exclude_namespaces has its", try await explain { c, _ in c.namespaces.excluded = ["dev"] })
        because("only prod", try await explain { c, _ in c.namespaces.included = ["prod"] })
        because("no annotation topic", try await explain(annotations: [:]))
        because("it has topics, which is another", try await explain(annotations: ["topics": "orders"]))
        because("upper and lower case", try await explain("f", "Orders"))
        because("topic_wildcards is false", try await explain("f", "orders.eu", annotations: ["topic": "orders.*"]))
        because("the delimiter is \",\"", try await explain(annotations: ["topic": "orders;audit"]))
        because("means audit, not orders", try await explain(annotations: ["topic": "audit"]))
        because("means none", try await explain(annotations: ["topic": " , "]))
    }

    @Test func `wildcards bind where they are on`() async throws {
        let explanation = try await explain("f", "orders.eu", annotations: ["topic": "orders.*"]) { configuration, _ in
            configuration.annotations.hasWildcards = true
        }
        #expect(explanation.isBound)
    }

    @Test func `what is withheld is told`() async throws {
        let explanation = try await explain("f", "letters", annotations: ["topic": "*"]) { configuration, _ in
            configuration.annotations.hasWildcards = true
            configuration.annotations.withheld = ["letters"]
        }
        #expect(!explanation.isBound)
        #expect(explanation.text.contains("withholds it"))
    }

    @Test func `an annotation that is ignored is told and binds all the same`() async throws {
        let explanation = try await explain(annotations: ["topic": "orders", "com.openfaas.retry.attempts": "many"])
        #expect(explanation.isBound)
        #expect(explanation.text.contains("ignored: function f.dev: com.openfaas.retry.attempts=\"many\""))
    }
}
