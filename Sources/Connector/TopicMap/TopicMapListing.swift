/// Asks the gateway for everything that a topic map is built from.
///
/// As connector-sdk does: the namespaces first; where the gateway lists none, one listing that names none, and
/// function names without a namespace.
func listFunctions(of gateway: any Gateway) async throws -> [FunctionDescription] {
    let namespaces = try await gateway.namespaces()
    if namespaces.isEmpty {
        return try await gateway.functions(in: nil)
    }
    var functions: [FunctionDescription] = []
    for namespace in namespaces {
        functions += try await gateway.functions(in: namespace)
    }
    return functions
}
