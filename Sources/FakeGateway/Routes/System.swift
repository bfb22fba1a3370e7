import HTTP
import NIOHTTP1
import OrderedCollections
import NIOCore

// The small routes: /system/info, /healthz, / and /ui/, and Prometheus' query for a gateway before this provider.

extension GatewayState {
    func info(_ request: HTTPServerRequest) -> HTTPServerReply {
        guard request.method == .GET else { return .methodNotAllowed }
        let provider = JSONValue.object([
            ("provider", .string(isFaasd ? "faasd-ce" : "faas-netes")), ("version", version),
            ("orchestration", .string(isFaasd ? "containerd" : "kubernetes")),
        ])
        return isProvider ? .json(provider) : gatewayInfo(provider)
    }

    var version: JSONValue {
        .object([
            ("sha", .string("0000000000000000000000000000000000000000")), ("release", .string(settings.version)),
        ])
    }

    /// As a gateway wraps what its provider says of itself.
    func gatewayInfo(_ provider: JSONValue) -> HTTPServerReply {
        .json(.object([("provider", provider), ("version", version), ("arch", .string("x86_64"))]))
    }

    func healthz(_ request: HTTPServerRequest) -> HTTPServerReply {
        request.method == .GET || (isProvider && request.method == .HEAD)
            ? HTTPServerReply(status: 200) : .methodNotAllowed
    }

    func redirectToUI(_ request: HTTPServerRequest) -> HTTPServerReply {
        guard request.method == .GET else { return .methodNotAllowed }
        return HTTPServerReply(
            status: 307, headers: [("Location", "/ui/"), ("Content-Type", "text/html; charset=utf-8")],
            body: ByteBuffer(string: "<a href=\"/ui/\">Temporary Redirect</a>.\n\n"))
    }

    func ui(_ request: HTTPServerRequest) -> HTTPServerReply {
        guard request.method == .GET else { return .methodNotAllowed }
        return HTTPServerReply(
            status: 200, headers: [("Content-Type", "text/html; charset=utf-8")],
            body: ByteBuffer(string: "<!doctype html><title>OpenFaaS</title><p>FakeGateway has no user interface.\n"))
    }

    /// No counts, so that the gateway mixes none into its listings.
    func prometheusQuery(_ request: HTTPServerRequest) -> HTTPServerReply {
        let data = JSONValue.object([("resultType", .string("vector")), ("result", .array([]))])
        return .json(.object([("status", .string("success")), ("data", data)]))
    }
}
