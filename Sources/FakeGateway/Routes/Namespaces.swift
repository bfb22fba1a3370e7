import HTTP
import NIOCore
import NIOHTTP1
import OrderedCollections

// /system/namespaces lists names; /system/namespace/{name} describes (GET), creates (POST), updates (PUT) and deletes.
// The community's faas-netes has the listing only.

/// What is known of a namespace.
struct Namespace: Sendable {
    var labels: [String: String] = [:]
    var annotations: [String: String] = [:]

    /// Only namespaces that are marked so are OpenFaaS's.
    var isMarked: Bool {
        [labels, annotations].contains { ["1", "true"].contains($0["openfaas"] ?? "") }
    }
}

extension GatewayState {
    func listNamespaces(_ request: HTTPServerRequest) -> HTTPServerReply {
        guard request.method == .GET else { return .methodNotAllowed }
        return .json(.array(namespaces.keys.map(JSONValue.string)))
    }

    mutating func namespaceRoute(_ name: Substring, _ request: HTTPServerRequest) -> HTTPServerReply {
        guard [.GET, .POST, .PUT, .DELETE].contains(request.method) else { return .methodNotAllowed }
        // The provider of the community's faas-netes routes the reading only.
        guard settings.dialect != .faasNetes else {
            return request.method == .GET ? .notImplemented : .methodNotAllowed
        }
        let name = String(name)
        switch request.method {
        case .GET:
            guard let namespace = namespaces[name] else { return notFound(name) }
            func map(_ values: [String: String]) -> JSONValue {
                .object(values.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) })
            }
            return .json(
                .object([
                    ("name", .string(name)), ("labels", map(namespace.labels)),
                    ("annotations", map(namespace.annotations)),
                ]))
        case .DELETE: return deleteNamespace(name)
        default: return setNamespace(name, request)
        }
    }

    private mutating func setNamespace(_ name: String, _ request: HTTPServerRequest) -> HTTPServerReply {
        let isNew = request.method == .POST
        let body: NamespaceRequest
        do throws(JSONBody.Failure) {
            body = try JSONBody.decode(NamespaceRequest.self, from: request.body)
        } catch {
            return .goError(400, "unable to read the namespace: \(error.reason)")
        }
        let namespace = Namespace(labels: body.labels ?? [:], annotations: body.annotations ?? [:])
        guard body.name.map({ $0.isEmpty || $0 == name }) ?? true else {
            return .goError(400, "name = \"\(body.name ?? "")\" is not that of the path, \"\(name)\"")
        }
        guard namespace.isMarked else {
            return .goError(400, "the namespace must have the annotation or label openfaas=1, or true")
        }
        if isNew {
            guard namespaces[name] == nil else { return .goError(409, "namespace \(name) already exists") }
            guard namespaces.count < settings.limits.namespaces else {
                return .goError(500, "no more than \(settings.limits.namespaces) namespaces can be kept")
            }
        } else if namespaces[name] == nil {
            return notFound(name)
        }
        namespaces[name] = namespace
        return HTTPServerReply(status: isNew ? 201 : 202)
    }

    /// With all that is in it.
    private mutating func deleteNamespace(_ name: String) -> HTTPServerReply {
        guard name != defaultNamespace else { return .goError(400, "the default namespace cannot be deleted") }
        guard namespaces.removeValue(forKey: name) != nil else { return notFound(name) }
        for key in functions.keys.filter({ $0.namespace == name }) { _ = remove(key) }
        secrets.removeAll { $0.key.namespace == name }
        return HTTPServerReply(status: 202)
    }

    private func notFound(_ name: String) -> HTTPServerReply { .goError(404, "namespace \(name) not found") }

    /// What is answered to a request for a namespace that is not OpenFaaS's; `nil` if it is.
    func refusal(ofNamespace name: String) -> HTTPServerReply? {
        if namespaces[name] != nil { return nil }
        if isFaasd { return .goError(400, "namespace not valid") }
        if name == "kube-system" { return .goError(401, "unable to list within the kube-system namespace") }
        return .goError(400, "namespace must be: \(namespaces.keys.joined(separator: " or "))")
    }
}
