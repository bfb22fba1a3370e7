import HTTP
import NIOCore
import NIOHTTP1
import OrderedCollections

// /system/secrets: GET lists names, never values; POST creates, PUT updates, DELETE removes.

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
        if let refusal = refusal(ofNamespace: namespace) { return refusal }
        let names = secrets.keys.filter { $0.namespace == namespace }
        return .json(
            .array(names.map { .object([("name", .string($0.name)), ("namespace", .string($0.namespace))]) }))
    }

    private mutating func changeSecret(_ request: HTTPServerRequest, _ target: Target) -> HTTPServerReply {
        let isFaasd = settings.dialect == .faasd
        let body: SecretRequest
        do throws(JSONBody.Failure) {
            body = try JSONBody.decode(SecretRequest.self, from: request.body)
        } catch {
            return .goError(isFaasd ? 500 : 400, "unable to read the secret: \(error.reason)")
        }
        let namespace = body.namespace.flatMap { $0.isEmpty ? nil : $0 } ?? target.namespace ?? defaultNamespace
        if let refusal = refusal(ofNamespace: namespace) { return refusal }
        let name = body.name ?? ""
        if isFaasd {
            guard !name.isEmpty, !name.contains("/"), name != ".", name != ".." else {
                return .goError(400, "name = \"\(name)\" is not valid: a file name")
            }
        } else {
            guard Self.isKubernetesName(name) else {
                return .goError(
                    422, "name = \"\(name)\" is not valid: lower case letters, digits, '-' and '.', up to 253")
            }
        }
        let key = FunctionKey(name: name, namespace: namespace)
        let isThere = secrets[key] != nil
        switch request.method {
        case .POST:
            guard !isThere || isFaasd else { return .goError(409, "secrets \"\(name)\" already exists") }
            guard isThere || secrets.count < settings.limits.secrets else {
                return .goError(500, "no more than \(settings.limits.secrets) secrets can be kept")
            }
            secrets[key] = body.bytes
        case .PUT:
            guard isThere else { return .goError(404, "secrets \"\(name)\" not found") }
            secrets[key] = body.bytes
        default:
            guard secrets.removeValue(forKey: key) != nil else {
                return .goError(isFaasd ? 500 : 404, "secrets \"\(name)\" not found")
            }
        }
        return HTTPServerReply(status: accepted)
    }

    private static func isKubernetesName(_ name: String) -> Bool {
        guard (1...253).contains(name.utf8.count), let first = name.utf8.first, let last = name.utf8.last else {
            return false
        }
        func isAlphanumeric(_ byte: UInt8) -> Bool { (48...57).contains(byte) || (97...122).contains(byte) }
        return isAlphanumeric(first) && isAlphanumeric(last)
            && name.utf8.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".") }
    }
}
