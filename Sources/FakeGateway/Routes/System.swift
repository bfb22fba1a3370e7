import HTTP
import NIOHTTP1
import OrderedCollections
import NIOCore

// The small routes: /system/namespaces, /system/info, /healthz, / and /ui/.

extension GatewayState {
    func listNamespaces(_ request: HTTPServerRequest) -> HTTPServerReply {
        guard request.method == .GET else { return .methodNotAllowed }
        return .json(.array(settings.namespaces.map(JSONValue.string)))
    }

    func info(_ request: HTTPServerRequest) -> HTTPServerReply {
        guard request.method == .GET else { return .methodNotAllowed }
        let version = JSONValue.object([
            ("sha", .string("0000000000000000000000000000000000000000")), ("release", .string(settings.version)),
        ])
        let provider = JSONValue.object([
            ("provider", .string("faas-netes")), ("version", version), ("orchestration", .string("kubernetes")),
        ])
        return .json(.object([("provider", provider), ("version", version), ("arch", .string("x86_64"))]))
    }

    func healthz(_ request: HTTPServerRequest) -> HTTPServerReply {
        request.method == .GET ? HTTPServerReply(status: 200) : .methodNotAllowed
    }

    func redirectToUI() -> HTTPServerReply {
        HTTPServerReply(status: 307, headers: [("Location", "/ui/")])
    }

    func ui(_ request: HTTPServerRequest) -> HTTPServerReply {
        HTTPServerReply(
            status: 200, headers: [("Content-Type", "text/html; charset=utf-8")],
            body: ByteBuffer(string: "<!doctype html><title>OpenFaaS</title><p>FakeGateway has no user interface.\n"))
    }
}
