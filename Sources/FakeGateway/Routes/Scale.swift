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
            return isProvider
                ? HTTPServerReply(status: 400, text: "Cannot parse request. Please pass valid JSON.")
                : .goError(400, "Error unmarshalling request body")
        }
        let namespace = body.namespace.flatMap { $0.isEmpty ? nil : $0 } ?? target.namespace ?? defaultNamespace
        if let refusal = refusal(ofNamespace: namespace) { return refusal }
        let key = FunctionKey(name: String(name), namespace: namespace)
        var replicas = Int(clamping: body.replicas ?? 0)
        if isProvider, replicas == 0 { return .goError(400, "replicas cannot be set to 0 in OpenFaaS CE") }
        guard let function = functions[key] else {
            return isFaasd
                ? .goError(404, "function: \(key) not found")
                : HTTPServerReply(status: 500, text: "Unable to lookup function deployment \(name)")
        }
        switch settings.edition {
        case _ where isProvider: break
        case .community: replicas = min(max(replicas, 1), 5)
        case .pro: replicas = min(replicas, ScaleLabels(function.deployment.labels).max)
        }
        setReplicas(key, replicas)
        return HTTPServerReply(status: accepted)
    }

    mutating func alert(_ request: HTTPServerRequest) -> HTTPServerReply {
        guard request.method == .POST else { return .methodNotAllowed }
        guard let body = try? JSONBody.decode(AlertRequest.self, from: request.body) else {
            return HTTPServerReply(status: 400, text: "Unable to parse alert, bad format.")
        }
        var errors = ""
        var count = 0
        for alert in body.alerts ?? [] {
            let key = FunctionKey(called: alert.labels?.function_name ?? "", defaultNamespace: defaultNamespace)
            // The gateway leaves out, without a word, what it does not find.
            guard let function = functions[key] else { continue }
            let labels = ScaleLabels(function.deployment.labels)
            let isCommunity = settings.edition == .community
            let most = isCommunity ? min(labels.max, 5) : labels.max
            let step = (most * labels.factor + 99) / 100
            let isFiring = alert.status == "firing" && step > 0
            let wanted = isFiring ? min(function.replicas + step, most) : labels.min
            if wanted == 0, isCommunity {
                // The provider takes no zero.
                errors +=
                    "[\(count)] error scaling HTTP code 400, \(Self.providerURL)system/scale-function/"
                    + "\(key.name)?namespace=\(key.namespace)\n"
                count += 1
            } else if wanted != function.replicas {
                setReplicas(key, wanted)
            }
        }
        guard errors.isEmpty else { return HTTPServerReply(status: 500, text: errors) }
        return HTTPServerReply(status: 200)
    }

    /// Where the gateway's errors say that its provider is.
    static let providerURL = "http://127.0.0.1:8081/"

    /// What a change that was taken is answered with.
    var accepted: Int { isFaasd ? 200 : 202 }
}
