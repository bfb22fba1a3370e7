package import HTTP
import NIOCore
import NIOHTTP1

// The gateway's other port: /metrics for Prometheus, and /healthz of its own. Neither asks for credentials.

extension GatewayState {
    package mutating func receiveOnMetricsPort(_ request: HTTPServerRequest, now: GatewayTime) -> HTTPServerReply {
        advance(to: now)
        switch Target(request.target).path {
        case "/metrics":
            return HTTPServerReply(
                status: 200, headers: [("Content-Type", "text/plain; version=0.0.4; charset=utf-8")],
                body: ByteBuffer(string: metrics.text()))
        case "/healthz":
            return request.method == .GET ? HTTPServerReply(status: 200, text: "OK") : .methodNotAllowed
        default: return .notFound
        }
    }
}
