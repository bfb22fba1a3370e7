import HTTP
import NIOCore
import NIOHTTP1
import OrderedCollections

// /system/secrets: GET lists names, never values; POST creates, PUT updates, DELETE removes. faas-netes keeps them in
// Kubernetes and says a status only; faasd keeps files, overwrites in silence, and says what went wrong.

extension GatewayState {
    mutating func secretsRoute(_ request: HTTPServerRequest, _ target: Target) -> HTTPServerReply {
        switch request.method {
        case .GET: listSecrets(target)
        case .POST, .PUT, .DELETE: changeSecret(request, target)
        default: .methodNotAllowed
        }
    }

    private func listSecrets(_ target: Target) -> HTTPServerReply {
        let namespace = target.namespace ?? defaultNamespace
        if let refusal = refusal(ofNamespace: namespace) { return secretError(refusal.status, refusal) }
        let names = secrets.keys.filter { $0.namespace == namespace }
        var reply = HTTPServerReply.json(
            .array(names.map { .object([("name", .string($0.name)), ("namespace", .string($0.namespace))]) }))
        // faasd names no type, so that Go makes one of the text.
        if isFaasd { reply.headers = [("Content-Type", "text/plain; charset=utf-8")] }
        return reply
    }

    private mutating func changeSecret(_ request: HTTPServerRequest, _ target: Target) -> HTTPServerReply {
        let body: SecretRequest
        do throws(JSONBody.Failure) {
            body = try JSONBody.decode(SecretRequest.self, from: request.body)
        } catch {
            return secretError(isFaasd ? 500 : 400, error.reason)
        }
        let namespace = body.namespace.flatMap { $0.isEmpty ? nil : $0 } ?? target.namespace ?? defaultNamespace
        if let refusal = refusal(ofNamespace: namespace) { return secretError(refusal.status, refusal) }
        let key = FunctionKey(name: body.name ?? "", namespace: namespace)
        if request.method == .DELETE { return deleteSecret(key) }
        if isFaasd {
            guard key.name.contains(where: { !$0.isWhitespace }) else {
                return secretError(400, "non-empty name is required")
            }
            guard !key.name.contains("/"), !key.name.contains("..") else {
                return secretError(400, "directory traversal found in name")
            }
        } else if !Self.isKubernetesName(key.name) {
            return secretError(422)
        }
        let isThere = secrets[key] != nil
        if !isFaasd {
            if request.method == .POST, isThere { return secretError(409) }
            if request.method == .PUT, !isThere { return secretError(404) }
        }
        guard isThere || secrets.count < settings.limits.secrets else {
            return .goError(500, "no more than \(settings.limits.secrets) secrets can be kept")
        }
        secrets[key] = body.bytes
        return HTTPServerReply(status: accepted)
    }

    private mutating func deleteSecret(_ key: FunctionKey) -> HTTPServerReply {
        guard secrets.removeValue(forKey: key) != nil else {
            let path = "/var/lib/faasd-provider/secrets/\(key.namespace)/\(key.name)"
            return secretError(isFaasd ? 500 : 404, "remove \(path): no such file or directory")
        }
        return HTTPServerReply(status: accepted)
    }

    private func secretError(_ status: Int, _ text: String = "") -> HTTPServerReply {
        isFaasd ? .goError(status, text) : HTTPServerReply(status: status)
    }

    private func secretError(_ status: Int, _ refusal: HTTPServerReply) -> HTTPServerReply {
        isFaasd ? refusal : HTTPServerReply(status: status)
    }

    private static func isKubernetesName(_ name: String) -> Bool {
        (1...253).contains(name.utf8.count) && FunctionKey.isLabel(name.replacing(".", with: "-"))
    }
}
