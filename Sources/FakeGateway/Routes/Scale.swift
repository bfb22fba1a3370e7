import HTTP
import NIOCore
import NIOHTTP1
import OrderedCollections

// /system/scale-function/{name}: sets the replicas. The community's gateway makes 1 to 5 of every number.
// /system/alert: what Prometheus' alert manager says; a firing alert adds replicas, a resolved one goes back to the
// least.

extension GatewayState {
    mutating func scaleRoute(_ name: Substring, _ request: HTTPServerRequest, _ target: Target) -> HTTPServerReply {
        guard request.method == .POST else { return .methodNotAllowed }
        let body: ScaleRequest
        do throws(JSONBody.Failure) {
            body = try JSONBody.decode(ScaleRequest.self, from: request.body)
        } catch {
            return .goError(400, "Error unmarshalling request body: \(error.reason)")
        }
        let namespace = body.namespace.flatMap { $0.isEmpty ? nil : $0 } ?? target.namespace ?? defaultNamespace
        if let refusal = refusal(ofNamespace: namespace) { return refusal }
        let key = FunctionKey(name: String(name), namespace: namespace)
        guard let function = functions[key] else {
            return settings.dialect == .faasd
                ? .goError(404, "service \(name) not found")
                : .goError(500, "Unable to lookup function deployment \(name)")
        }
        var replicas = Int(clamping: body.replicas ?? 0)
        if isProvider {
            guard replicas > 0 else { return .goError(400, "replicas cannot be set to 0 in OpenFaaS CE") }
        } else if settings.edition == .community {
            replicas = min(max(replicas, 1), 5)
        } else if replicas > 0 {
            replicas = min(replicas, ScaleLabels(function.deployment.labels).max)
        }
        setReplicas(key, replicas)
        return HTTPServerReply(status: accepted)
    }

    mutating func alert(_ request: HTTPServerRequest) -> HTTPServerReply {
        guard request.method == .POST else { return .methodNotAllowed }
        guard let body = try? JSONBody.decode(AlertRequest.self, from: request.body) else {
            return HTTPServerReply(status: 400, text: "Unable to parse alert, bad format.")
        }
        var errors: [String] = []
        for (index, alert) in (body.alerts ?? []).enumerated() {
            let key = FunctionKey(called: alert.labels?.function_name ?? "", defaultNamespace: defaultNamespace)
            guard let function = functions[key] else {
                errors.append("[\(index)] error finding function \(key)")
                continue
            }
            let labels = ScaleLabels(function.deployment.labels)
            let step = (labels.max * labels.factor + 99) / 100
            let wanted = alert.status == "firing" ? min(function.replicas + step, labels.max) : labels.min
            if wanted != function.replicas { setReplicas(key, wanted) }
        }
        guard errors.isEmpty else { return HTTPServerReply(status: 500, text: errors.joined(separator: "\n")) }
        return HTTPServerReply(status: 200)
    }

    /// What a change that was taken is answered with.
    var accepted: Int { settings.dialect == .faasd ? 200 : 202 }
}
