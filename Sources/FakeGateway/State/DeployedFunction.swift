/// A function that is deployed: what listings say of it, and what it does.
struct DeployedFunction: Sendable {
    var deployment: FunctionDeployment
    var namespace: String
    let createdAt: GatewayTime
    var body: Function.Body
    var maxInFlight: Int?
    var coldStart: Duration?
    var replicas = 1
    var availableReplicas = 1
    /// Counts changes of `replicas`, so that an earlier start is known as such.
    var generation = 0
    /// Calls that run.
    var inFlight = 0
    /// Calls that began, to know whether the function was idle since.
    var calls = 0

    enum Admission {
        case admitted
        /// More than its replicas take at once.
        case tooMany
    }

    mutating func beginCall() -> Admission {
        calls += 1
        inFlight += 1
        guard let maxInFlight, inFlight > maxInFlight * availableReplicas else { return .admitted }
        return .tooMany
    }

    mutating func endCall() {
        if inFlight > 0 { inFlight -= 1 }
    }

    /// As `/system/functions` shows it; what is empty or zero is left out, as Go does.
    /// Source: docs/openfaas.md, "JSON types".
    ///
    /// - Parameter invocations: As the gateway mixes them in from its metrics.
    func status(invocations: Int) -> JSONValue {
        var members: [(String, JSONValue)] = [
            ("name", .string(deployment.service)), ("image", .string(deployment.image)),
            ("namespace", .string(namespace)),
        ]
        func add(_ name: String, _ text: String?) {
            if let text, !text.isEmpty { members.append((name, .string(text))) }
        }
        func add(_ name: String, _ list: [String]?) {
            if let list, !list.isEmpty { members.append((name, .array(list.map(JSONValue.string)))) }
        }
        func add(_ name: String, _ map: [String: String]?) {
            // Go writes the keys of a map in order.
            let sorted = (map ?? [:]).sorted { $0.key < $1.key }
            if !sorted.isEmpty { members.append((name, .object(sorted.map { ($0.key, .string($0.value)) }))) }
        }
        add("envProcess", deployment.envProcess)
        add("envVars", deployment.envVars)
        add("constraints", deployment.constraints)
        add("secrets", deployment.secrets)
        add("labels", deployment.labels)
        add("annotations", deployment.annotations)
        for (name, resources) in [("limits", deployment.limits), ("requests", deployment.requests)] {
            // An object that was sent is shown, though nothing is in it.
            guard let resources else { continue }
            members.append((name, .object(resources.values.map { ($0.name, .string($0.value)) })))
        }
        if deployment.readOnlyRootFilesystem == true { members.append(("readOnlyRootFilesystem", .bool(true))) }
        if invocations > 0 { members.append(("invocationCount", .number(invocations))) }
        if replicas > 0 { members.append(("replicas", .number(replicas))) }
        if availableReplicas > 0 { members.append(("availableReplicas", .number(availableReplicas))) }
        members.append(("createdAt", .string(RFC3339.text(seconds: createdAt))))
        return .object(members)
    }
}
