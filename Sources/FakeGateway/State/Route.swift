import HTTP
import NIOHTTP1

/// Path and query of a request line.
struct Target {
    let path: Substring
    let query: Substring

    init(_ text: String) {
        let (path, rest) = Substring(text).parted(before: UInt8(ascii: "?"))
        self.path = path
        query = Substring(rest.utf8.dropFirst())
    }

    /// The namespace that a request under `/system` asks for.
    var namespace: String? {
        guard !query.isEmpty, let name = QueryString(query).first("namespace"), !name.isEmpty else { return nil }
        return name
    }
}

/// What a path leads to. Source: docs/openfaas.md, "Routes".
enum Route {
    case function(name: Substring, rest: Substring)
    case asyncFunction(name: Substring, rest: Substring)
    case functions, functionStatus(Substring), scale(Substring), secrets, logs, namespaces, namespace(Substring)
    case info, telemetry, alert, healthz, root, ui, unknown
    /// Prometheus, which a real gateway asks beside its provider.
    case query
    /// A provider's own, on the port of its API.
    case metrics

    init(_ path: Substring) {
        if let (name, rest) = Self.call(path, below: "/function/") {
            self = .function(name: name, rest: rest)
            return
        }
        switch path {
        case "/system/functions": self = .functions
        case "/system/namespaces": self = .namespaces
        case "/system/secrets": self = .secrets
        case "/system/logs": self = .logs
        case "/system/info": self = .info
        case "/system/telemetry": self = .telemetry
        case "/system/alert": self = .alert
        case "/api/v1/query": self = .query
        case "/healthz": self = .healthz
        case "/metrics": self = .metrics
        case "/": self = .root
        case _ where path.hasPrefix("/ui/"): self = .ui
        default:
            if let (name, rest) = Self.call(path, below: "/async-function/") {
                self = .asyncFunction(name: name, rest: rest)
            } else if let name = Self.name(path, below: "/system/function/") {
                self = .functionStatus(name)
            } else if let name = Self.name(path, below: "/system/scale-function/") {
                self = .scale(name)
            } else if let name = Self.name(path, below: "/system/namespace/") {
                self = .namespace(name)
            } else {
                self = .unknown
            }
        }
    }

    /// Whether it asks for credentials where the gateway has some.
    var isGuarded: Bool {
        switch self {
        case .functions, .functionStatus, .scale, .secrets, .logs, .namespaces, .namespace, .info, .telemetry, .alert,
            .ui:
            true
        case .function, .asyncFunction, .healthz, .root, .unknown, .query, .metrics: false
        }
    }

    /// The path by which a provider's metrics count a request that its handlers take; `nil` for others.
    /// Source: docs/openfaas.md, "Prometheus".
    func metricPath(_ method: HTTPMethod, _ path: Substring) -> String? {
        switch self {
        case .functions, .secrets: [.GET, .POST, .PUT, .DELETE].contains(method) ? String(path) : nil
        case .functionStatus: method == .GET ? "/system/function" : nil
        case .scale: method == .POST ? "/system/scale-function" : nil
        case .logs, .namespaces, .info: method == .GET ? String(path) : nil
        case .namespace: [.GET, .POST, .PUT, .DELETE].contains(method) ? String(path) : nil
        default: nil
        }
    }

    /// Whether it leads to a function.
    var isCall: Bool {
        switch self {
        case .function, .asyncFunction: true
        default: false
        }
    }

    private static func call(_ path: Substring, below prefix: String) -> (Substring, Substring)? {
        guard let tail = tail(path, below: prefix) else { return nil }
        let (name, rest) = tail.parted(before: UInt8(ascii: "/"))
        return FunctionKey.isName(name) ? (name, rest) : nil
    }

    private static func name(_ path: Substring, below prefix: String) -> Substring? {
        guard let name = tail(path, below: prefix) else { return nil }
        return FunctionKey.isName(name) ? name : nil
    }

    private static func tail(_ path: Substring, below prefix: String) -> Substring? {
        path.begins(with: prefix) ? Substring(path.utf8.dropFirst(prefix.utf8.count)) : nil
    }
}

// By bytes and in plain loops, for every request passes here.
extension Substring {
    fileprivate func begins(with prefix: String) -> Bool {
        let (bytes, prefix) = (utf8.span, prefix.utf8.span)
        guard bytes.count >= prefix.count else { return false }
        for index in prefix.indices where bytes[index] != prefix[index] { return false }
        return true
    }

    /// What stands before the first such byte, and the rest with it.
    fileprivate func parted(before byte: UInt8) -> (Substring, Substring) {
        let bytes = utf8.span
        var count = 0
        while count < bytes.count, bytes[count] != byte { count += 1 }
        let index = utf8.index(startIndex, offsetBy: count)
        return (Substring(utf8[..<index]), Substring(utf8[index...]))
    }
}
