/// Which namespaces the connector serves.
public struct NamespaceFilter: Equatable, Sendable {
    /// Only these; empty means all. Default empty.
    public var included: [String] = []
    /// Never these. Default empty.
    public var excluded: [String] = []

    public init() {}

    func allows(_ namespace: String) -> Bool {
        (included.isEmpty || included.contains(namespace)) && !excluded.contains(namespace)
    }
}

/// Asks the gateway for everything that a topic map is built from.
///
/// As connector-sdk does: the namespaces first; where the gateway lists none, one listing that names none, and
/// function names without a namespace.
func listFunctions(of gateway: any Gateway, in filter: NamespaceFilter) async throws -> [FunctionDescription] {
    let namespaces = try await gateway.namespaces()
    if namespaces.isEmpty {
        return try await gateway.functions(in: nil)
    }
    var functions: [FunctionDescription] = []
    for namespace in namespaces where filter.allows(namespace) {
        functions += try await gateway.functions(in: namespace)
    }
    return functions
}

extension TopicMap {
    /// Asks the gateway for all that a map is built from, and builds it as `Connector` does.
    package init(of gateway: any Gateway, by configuration: ConnectorConfiguration) async throws {
        self.init(
            try await listFunctions(of: gateway, in: configuration.namespaces), rules: configuration.annotations)
    }
}
