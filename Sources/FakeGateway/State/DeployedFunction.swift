import HTTP

/// A function that is deployed: what listings say of it, and what it does.
struct DeployedFunction: Sendable {
    var deployment: FunctionDeployment
    var namespace: String
    let createdAt: GatewayTime
    var body: Function.Body
    /// Calls since the gateway started, as its metrics would have counted them.
    var invocationCount = 0
    var replicas = 1
    var availableReplicas = 1

    /// As `/system/functions` shows it; what is empty or zero is left out, as Go does.
    /// Source: docs/openfaas.md, "JSON types".
    var status: JSONValue {
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
        add("limits", deployment.limits?.map)
        add("requests", deployment.requests?.map)
        if deployment.readOnlyRootFilesystem == true { members.append(("readOnlyRootFilesystem", .bool(true))) }
        if invocationCount > 0 { members.append(("invocationCount", .number(invocationCount))) }
        if replicas > 0 { members.append(("replicas", .number(replicas))) }
        if availableReplicas > 0 { members.append(("availableReplicas", .number(availableReplicas))) }
        members.append(("createdAt", .string(Self.rfc3339(createdAt))))
        return .object(members)
    }

    private static func rfc3339(_ time: GatewayTime) -> String {
        let date = CivilTime(unixSeconds: time.unixNanoseconds / 1_000_000_000)
        func padded(_ number: Int, _ width: Int = 2) -> String {
            let text = String(number)
            return String(repeating: "0", count: max(0, width - text.count)) + text
        }
        return "\(padded(date.year, 4))-\(padded(date.month))-\(padded(date.day))"
            + "T\(padded(date.hour)):\(padded(date.minute)):\(padded(date.second))Z"
    }
}
