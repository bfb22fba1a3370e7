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
///
/// - Parameter knowsNamespaces: Whether it listed some before: that it has none any more is then a fault on the way to
///   them, which must not change the names of all functions.
func listFunctions(
    of gateway: any Gateway, in filter: NamespaceFilter, knowsNamespaces: Bool = false
) async throws -> (functions: [FunctionDescription], hasNamespaces: Bool) {
    let namespaces = try await gateway.namespaces()
    if namespaces.isEmpty {
        if knowsNamespaces { throw NamespacesError.gone }
        if filter != NamespaceFilter() { throw NamespacesError.noneToFilter }
        return (try await gateway.functions(in: nil), false)
    }
    var functions: [FunctionDescription] = []
    for namespace in namespaces where filter.allows(namespace) {
        functions += try await gateway.functions(in: namespace)
    }
    return (functions, true)
}

/// The gateway lists no namespaces where it should.
enum NamespacesError: Error, CustomStringConvertible {
    case gone
    case noneToFilter

    var description: String {
        switch self {
        case .gone: "the gateway lists no namespaces (/system/namespaces) although it did before"
        case .noneToFilter:
            """
            the gateway lists no namespaces (/system/namespaces), so namespaces and exclude_namespaces cannot be \
            obeyed; leave them out if it has none
            """
        }
    }
}

extension TopicMap {
    /// Asks the gateway for all that a map is built from, and builds it as `Connector` does.
    package init(of gateway: any Gateway, by configuration: ConnectorConfiguration) async throws {
        let (functions, _) = try await listFunctions(of: gateway, in: configuration.namespaces)
        self.init(functions, rules: configuration.annotations)
    }
}
