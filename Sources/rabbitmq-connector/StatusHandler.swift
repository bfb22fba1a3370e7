import Foundation
import HTTP
import KafkaConnector
import NIOCore
import NIOHTTP1

/// Answers probes and Prometheus on the connector's own event loop.
struct StatusHandler: HTTPServerHandler {
    let metrics: Metrics

    func handle(_ request: HTTPServerRequest, _ exchange: HTTPServerExchange) { exchange.reply(answer(request)) }

    private func answer(_ request: HTTPServerRequest) -> HTTPServerReply {
        guard request.method == .GET || request.method == .HEAD else {
            return HTTPServerReply(status: 405, headers: [("Allow", "GET, HEAD")])
        }
        switch request.target.prefix(while: { $0 != "?" }) {
        case "/healthz": return HTTPServerReply(status: 200, text: "ok\n")
        case "/readyz":
            let missing = metrics.missing
            return HTTPServerReply(status: missing == nil ? 200 : 503, text: "\(missing ?? "ok")\n")
        case "/metrics":
            let text = metrics.text(
                group: "", detail: .full, statistics: nil, now: .now,
                nowMilliseconds: Int64(Date().timeIntervalSince1970 * 1000))
            return HTTPServerReply(
                status: 200, headers: [("Content-Type", "text/plain; version=0.0.4; charset=utf-8")],
                body: ByteBuffer(string: text))
        default: return HTTPServerReply(status: 404, text: "there are /healthz, /readyz and /metrics\n")
        }
    }
}
