public import Connector

/// A gateway without a network: functions are closures, and every call is counted.
public actor InMemoryGateway: Gateway {
    /// A function: what it answers to an invocation.
    public typealias Body = @Sendable (Invocation) async throws(InvocationFailure) -> Reply

    private var listing: [FunctionDescription] = []
    private var bodies: [FunctionName: Body] = [:]
    private var knownNamespaces: [String] = []
    private var failingListings = 0
    private var calls: [(function: FunctionName, id: EventID)] = []

    public init() {}

    /// Adds a function subscribed to `topic`, a list as the annotation has it.
    public func deploy(
        _ name: String, topic: String, annotations: [String: String] = [:],
        body: @escaping Body = { _ in Reply(status: 200) }
    ) {
        let function = FunctionName(name)
        listing.removeAll { $0.name == function }
        listing.append(
            FunctionDescription(name: function, annotations: annotations.merging([TopicMap.annotation: topic]) { $1 }))
        bodies[function] = body
    }

    public func remove(_ name: String) {
        listing.removeAll { $0.name == FunctionName(name) }
        bodies[FunctionName(name)] = nil
    }

    /// Makes the next `count` listings fail.
    public func failListings(_ count: Int) { failingListings = count }

    /// Lists these namespaces from now on, each with every function.
    public func list(namespaces: [String]) { knownNamespaces = namespaces }

    /// The events that a function was called with, in order.
    public func calls(of name: String) -> [EventID] {
        calls.filter { $0.function == FunctionName(name) }.map(\.id)
    }

    public func namespaces() async throws -> [String] { knownNamespaces }

    public func functions(in namespace: String?) async throws -> [FunctionDescription] {
        if failingListings > 0 {
            failingListings -= 1
            throw InvocationFailure(.notSent, "the in-memory gateway was told to fail this listing")
        }
        return listing.map {
            FunctionDescription(name: FunctionName($0.name.name, namespace: namespace), annotations: $0.annotations)
        }
    }

    public func invoke(_ invocation: Invocation) async throws(InvocationFailure) -> Reply {
        let function = FunctionName(invocation.function.name)
        calls.append((function, invocation.event.id))
        guard let body = bodies[function] else { return Reply(status: 404, origin: .platform) }
        return try await body(invocation)
    }
}
