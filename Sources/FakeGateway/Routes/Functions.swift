import HTTP
import NIOCore
import NIOHTTP1
import OrderedCollections

// /system/functions: GET lists, POST deploys, PUT updates, DELETE removes.
//
// Statuses are those of faas-netes. A function deployed by a client runs the built-in that its image or service names
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

    private func listFunctions(_ target: Target) -> HTTPServerReply {
        let namespace = target.namespace ?? defaultNamespace
        guard settings.namespaces.contains(namespace) else { return badNamespace() }
        return .json(.array(functions.values.filter { $0.namespace == namespace }.map(\.status)))
    }

    private mutating func deployFunction(_ request: HTTPServerRequest) -> HTTPServerReply {
        switch deployment(in: request) {
        case .failure(let failure): return failure.reply
        case .success(let deployment):
            let key = key(of: deployment)
            guard functions[key] != nil || functions.count < settings.limits.functions else {
                return .goError(500, "no more than \(settings.limits.functions) functions can be deployed")
            }
            functions[key] = DeployedFunction(
                deployment: deployment, namespace: key.namespace, createdAt: now,
                body: BuiltIn(deployment: deployment).body)
            return HTTPServerReply(status: 202)
        }
    }

    private mutating func updateFunction(_ request: HTTPServerRequest) -> HTTPServerReply {
        switch deployment(in: request) {
        case .failure(let failure): return failure.reply
        case .success(let deployment):
            let key = key(of: deployment)
            guard functions[key] != nil else { return .goError(404, "unable to find function: \(deployment.service)") }
            functions[key]?.deployment = deployment
            return HTTPServerReply(status: 202)
        }
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
        guard settings.namespaces.contains(namespace) else { return badNamespace() }
        guard remove(FunctionKey(name: body.functionName, namespace: namespace)) else {
            return .goError(404, "unable to find function: \(body.functionName)")
        }
        return HTTPServerReply(status: 202)
    }

    func badNamespace() -> HTTPServerReply {
        .goError(400, "namespace must be: \(settings.namespaces.joined(separator: " or "))")
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
            guard settings.namespaces.contains(key(of: deployment).namespace) else {
                return .failure(Refusal(reply: badNamespace()))
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
