// The gateway without its sockets: which functions there are, who may do what, and what each request is answered.
//
// A value. It performs no I/O, starts nothing, reads no clock and has no chance but its seed: a shell hands it requests
// and the time, runs the functions that it names, and hands back what they said. Routes/ has one file an endpoint.
// Source: docs/openfaas.md.

package import HTTP
import NIOHTTP1
import NIOCore
import OrderedCollections
import SeededRandom

package struct GatewayState: Sendable {
    /// What a request comes to.
    package enum Answer: Sendable {
        case reply(HTTPServerReply)
        /// A function is to be run; hand what it says to `finish`.
        case invoke(PendingCall)
    }

    let settings: FakeGateway.Configuration
    /// In the order of listings.
    var functions: OrderedDictionary<FunctionKey, DeployedFunction> = [:]
    var generator: SeededGenerator
    /// The time of the request under way.
    var now: GatewayTime

    package init(_ settings: FakeGateway.Configuration, now: GatewayTime) {
        self.settings = settings
        self.now = now
        generator = SeededGenerator(seed: settings.seed)
        for function in settings.functions { deploy(function) }
    }

    var defaultNamespace: String { settings.namespaces.first ?? "openfaas-fn" }

    // MARK: Events

    /// A request has come in.
    package mutating func handle(_ request: HTTPServerRequest, now: GatewayTime) -> Answer {
        self.now = now
        let target = Target(request.target)
        switch Route(target.path) {
        case .function(let name, let rest): return callFunction(name, rest, target, request)
        case .functions: return .reply(authorized(request) { $0.functionsRoute(request, target) })
        case .functionStatus(let name): return .reply(authorized(request) { $0.functionStatus(name, request, target) })
        case .namespaces: return .reply(authorized(request) { $0.listNamespaces(request) })
        case .info: return .reply(authorized(request) { $0.info(request) })
        case .healthz: return .reply(healthz(request))
        case .root: return .reply(redirectToUI())
        case .ui: return .reply(authorized(request) { $0.ui(request) })
        case .unknown: return .reply(.notFound)
        }
    }

    // MARK: Functions

    mutating func deploy(_ function: Function) {
        let key = FunctionKey(name: function.name, namespace: function.namespace ?? defaultNamespace)
        functions[key] = DeployedFunction(
            deployment: FunctionDeployment(function), namespace: key.namespace, createdAt: now, body: function.body)
    }

    /// - Returns: Whether it was there.
    mutating func remove(_ key: FunctionKey) -> Bool {
        functions.removeValue(forKey: key) != nil
    }
}

/// Path and query of a request line.
struct Target {
    let path: Substring
    let query: Substring

    init(_ text: String) {
        let mark = text.firstIndex(of: "?") ?? text.endIndex
        path = text[..<mark]
        query = text[mark...].dropFirst()
    }

    /// The namespace that a request under `/system` asks for.
    var namespace: String? {
        guard let name = QueryString(query).first("namespace"), !name.isEmpty else { return nil }
        return name
    }
}

/// What a path leads to.
enum Route {
    case function(name: Substring, rest: Substring)
    case functions, functionStatus(Substring), namespaces, info, healthz, root, ui, unknown

    init(_ path: Substring) {
        if path.hasPrefix("/function/") {
            let tail = path.dropFirst("/function/".count)
            let name = tail.prefix { $0 != "/" }
            self = FunctionKey.isName(name) ? .function(name: name, rest: tail[name.endIndex...]) : .unknown
            return
        }
        switch path {
        case "/system/functions": self = .functions
        case "/system/namespaces": self = .namespaces
        case "/system/info": self = .info
        case "/healthz": self = .healthz
        case "/": self = .root
        case _ where path.hasPrefix("/ui/"): self = .ui
        case _ where path.hasPrefix("/system/function/"):
            let name = path.dropFirst("/system/function/".count)
            self = FunctionKey.isName(name) ? .functionStatus(name) : .unknown
        default: self = .unknown
        }
    }
}
