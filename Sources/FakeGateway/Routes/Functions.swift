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
        function.status(invocations: isProvider ? 0 : metrics.invocations(of: key))
    }

    private mutating func deployFunction(_ request: HTTPServerRequest) -> HTTPServerReply {
        switch deployment(in: request, "failed to unmarshal request") {
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
        switch deployment(in: request, "unable to unmarshal request") {
        case .failure(let failure): return failure.reply
        case .success(let deployment):
            let key = key(of: deployment)
            guard let old = functions[key] else {
                let missing = "deployments.apps \"\(key.name)\" not found"
                return .goError(
                    404,
                    isFaasd ? "function: \(key) not found" : "unable update Deployment: \(key), error: \(missing)")
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
            return isFaasd ? .goError(400, error.reason) : HTTPServerReply(status: 400)
        }
        guard !body.functionName.isEmpty else {
            return isFaasd ? .goError(400, "functionName is required") : HTTPServerReply(status: 400)
        }
        let target = Target(request.target)
        let namespace = body.namespace.flatMap { $0.isEmpty ? nil : $0 } ?? target.namespace ?? defaultNamespace
        if let refusal = refusal(ofNamespace: namespace) { return refusal }
        let key = FunctionKey(name: body.functionName, namespace: namespace)
        guard remove(key) else {
            return isFaasd
                ? .goError(404, "function \(key) not found")
                : HTTPServerReply(status: 404, text: "deployments.apps \"\(key.name)\" not found")
        }
        return HTTPServerReply(status: accepted)
    }

    private struct Refusal: Error {
        let reply: HTTPServerReply
    }

    /// - Parameter unreadable: What the provider says before the reason.
    private func deployment(
        in request: HTTPServerRequest, _ unreadable: String
    ) -> Result<FunctionDeployment, Refusal> {
        do throws(JSONBody.Failure) {
            let deployment = try JSONBody.decode(FunctionDeployment.self, from: request.body)
            if let fault = fault(of: deployment) {
                return .failure(Refusal(reply: .goError(400, "validation failed: \(fault)")))
            }
            if let reply = refusal(ofNamespace: key(of: deployment).namespace) {
                return .failure(Refusal(reply: reply))
            }
            return .success(deployment)
        } catch {
            return .failure(Refusal(reply: .goError(400, "\(unreadable): \(error.reason)")))
        }
    }

    private func fault(of deployment: FunctionDeployment) -> String? {
        let service = deployment.service
        if service.isEmpty { return "service: is required" }
        // faasd takes more than Kubernetes does.
        let isRight = isFaasd ? FunctionKey.isName(service) : FunctionKey.isLabel(service)
        guard isRight else { return "service: (\(service)) is invalid, must be a valid DNS entry" }
        return deployment.image.isEmpty ? "image: is required" : nil
    }

    private func key(of deployment: FunctionDeployment) -> FunctionKey {
        let namespace = deployment.namespace.flatMap { $0.isEmpty ? nil : $0 } ?? defaultNamespace
        return FunctionKey(name: deployment.service, namespace: namespace)
    }
}
