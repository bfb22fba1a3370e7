import HTTP
import NIOCore
import NIOHTTP1
import OrderedCollections

// /system/functions: GET lists, POST deploys, PUT updates, DELETE removes.
//
// A function deployed by a client runs the built-in that its image or service names
// (`functions/figlet`), or else echoes.

extension GatewayState {
    mutating func functionsRoute(_ request: HTTPServerRequest, _ target: Target) -> HTTPServerReply {
        switch request.method {
        case .GET: listFunctions(target)
        case .POST: deployFunction(request)
        case .PUT: updateFunction(request)
        case .DELETE: deleteFunction(request)
        default: .methodNotAllowed
        }
    }

    private mutating func listFunctions(_ target: Target) -> HTTPServerReply {
        let namespace = target.namespace ?? defaultNamespace
        if let refusal = refusal(ofNamespace: namespace) { return refusal }
        let listed = functions.filter { $0.key.namespace == namespace }
        let reply = HTTPServerReply.json(.array(listed.map { status($0.key, $0.value) }))
        freshListing = reply.body
        return reply
    }

    /// As listings show it; only a gateway knows how often a function was called.
    func status(_ key: FunctionKey, _ function: DeployedFunction) -> JSONValue {
        function.status(invocations: isProvider ? 0 : metrics.invocations(of: key.description))
    }

    private mutating func deployFunction(_ request: HTTPServerRequest) -> HTTPServerReply {
        switch deployment(in: request) {
        case .failure(let failure): return failure.reply
        case .success(let deployment):
            let key = key(of: deployment)
            guard functions[key] != nil || functions.count < settings.limits.functions else {
                return .goError(500, "no more than \(settings.limits.functions) functions can be deployed")
            }
            place(deployed(deployment, key, createdAt: now), key)
            return HTTPServerReply(status: accepted)
        }
    }

    private mutating func updateFunction(_ request: HTTPServerRequest) -> HTTPServerReply {
        switch deployment(in: request) {
        case .failure(let failure): return failure.reply
        case .success(let deployment):
            let key = key(of: deployment)
            guard let old = functions[key] else {
                return .goError(404, "unable to find function: \(deployment.service)")
            }
            var new = deployed(deployment, key, createdAt: old.createdAt)
            // A function of a test keeps doing what it does.
            if BuiltIn.named(deployment) == nil, deployment.process == nil { new.body = old.body }
            new.coldStart = old.coldStart
            new.replicas = old.replicas
            new.availableReplicas = old.availableReplicas
            new.generation = old.generation
            new.inFlight = old.inFlight
            new.calls = old.calls
            functions[key] = new
            return HTTPServerReply(status: accepted)
        }
    }

    private func deployed(
        _ deployment: FunctionDeployment, _ key: FunctionKey, createdAt: GatewayTime
    ) -> DeployedFunction {
        var function = DeployedFunction(
            deployment: deployment, namespace: key.namespace, createdAt: createdAt,
            body: .deployed(deployment, runsProcesses: settings.runsProcesses))
        function.maxInFlight = deployment.envVars?["max_inflight"].flatMap(Int.init).flatMap { $0 > 0 ? $0 : nil }
        return function
    }

    private mutating func deleteFunction(_ request: HTTPServerRequest) -> HTTPServerReply {
        let body: DeleteFunctionRequest
        do throws(JSONBody.Failure) {
            body = try JSONBody.decode(DeleteFunctionRequest.self, from: request.body)
        } catch {
            return .goError(400, "unable to read the request: \(error.reason)")
        }
        guard !body.functionName.isEmpty else { return .goError(400, "functionName is required") }
        let target = Target(request.target)
        let namespace = body.namespace.flatMap { $0.isEmpty ? nil : $0 } ?? target.namespace ?? defaultNamespace
        if let refusal = refusal(ofNamespace: namespace) { return refusal }
        guard remove(FunctionKey(name: body.functionName, namespace: namespace)) else {
            return .goError(404, "unable to find function: \(body.functionName)")
        }
        return HTTPServerReply(status: accepted)
    }

    private struct Refusal: Error {
        let reply: HTTPServerReply
    }

    private func deployment(in request: HTTPServerRequest) -> Result<FunctionDeployment, Refusal> {
        do throws(JSONBody.Failure) {
            let deployment = try JSONBody.decode(FunctionDeployment.self, from: request.body)
            guard FunctionKey.isName(deployment.service), !deployment.image.isEmpty else {
                return .failure(Refusal(reply: .goError(400, "service and image are required")))
            }
            if let reply = refusal(ofNamespace: key(of: deployment).namespace) {
                return .failure(Refusal(reply: reply))
            }
            return .success(deployment)
        } catch {
            return .failure(Refusal(reply: .goError(400, "unable to read the deployment: \(error.reason)")))
        }
    }

    private func key(of deployment: FunctionDeployment) -> FunctionKey {
        let namespace = deployment.namespace.flatMap { $0.isEmpty ? nil : $0 } ?? defaultNamespace
        return FunctionKey(name: deployment.service, namespace: namespace)
    }
}
