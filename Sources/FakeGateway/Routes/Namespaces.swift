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
            // Annotations come first, and what is empty is left out.
            var members = [("name", JSONValue.string(name))]
            for (key, values) in [("annotations", namespace.annotations), ("labels", namespace.labels)] {
                let sorted = values.sorted { $0.key < $1.key }.map { ($0.key, JSONValue.string($0.value)) }
                if !sorted.isEmpty { members.append((key, .object(sorted))) }
            }
            var body = ByteBuffer()
            JSONValue.object(members).write(line: &body)
            return HTTPServerReply(status: 200, headers: [("Content-Type", "application/json")], body: body)
        default: return changeNamespace(name, request)
        }
    }

    private mutating func changeNamespace(_ path: String, _ request: HTTPServerRequest) -> HTTPServerReply {
        let body: NamespaceRequest
        do throws(JSONBody.Failure) {
            body = try JSONBody.decode(NamespaceRequest.self, from: request.body)
        } catch {
            return .goError(400, "error parsing request body: \(error.reason)")
        }
        // Only a new one may have another name than the path.
        let name = body.name ?? ""
        guard request.method == .POST || name == path else {
            return .goError(400, "namespace in request body does not match namespace in URL")
        }
        guard !name.isEmpty else { return .goError(400, "namespace not specified in request body") }
        let namespace = Namespace(labels: body.labels ?? [:], annotations: body.annotations ?? [:])
        guard namespace.isMarked else { return .goError(400, "request does not have openfaas=1 label") }
        switch request.method {
        case .DELETE: return deleteNamespace(name)
        case .POST:
            guard namespaces[name] == nil else { return .goError(409, "namespace \(name) already exists") }
            guard namespaces.count < settings.limits.namespaces else {
                return .goError(500, "no more than \(settings.limits.namespaces) namespaces can be kept")
            }
            namespaces[name] = namespace
            return HTTPServerReply(status: 201)
        default:
            guard namespaces[name] != nil else { return notFound(name) }
            namespaces[name] = namespace
            return HTTPServerReply(status: 202)
        }
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
