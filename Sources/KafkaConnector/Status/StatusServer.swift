// Answers probes and Prometheus on the connector's own event loop: a loop that is stuck does not answer, which is what
// a liveness probe must see.

import HTTP
package import NIOCore
import NIOHTTP1

package final class StatusServer: Sendable {
    private let server: HTTPServer

    /// Where it listens; useful if the system chose the port.
    package var port: Int { server.port }

    /// - Throws: If the address cannot be had.
    package init(
        _ address: StatusAddress, for service: KafkaConnectorService, on eventLoop: any EventLoop
    ) async throws {
        server = try await HTTPServer.start(
            host: address.host, port: address.port, on: eventLoop, handler: Handler(service: service))
    }

    package func shutDown() async { await server.shutDown() }

    private struct Handler: HTTPServerHandler {
        let service: KafkaConnectorService

        func handle(_ request: HTTPServerRequest, _ exchange: HTTPServerExchange) {
            exchange.reply(answer(request))
        }

        private func answer(_ request: HTTPServerRequest) -> HTTPServerReply {
            guard request.method == .GET || request.method == .HEAD else {
                return HTTPServerReply(status: 405, headers: [("Allow", "GET, HEAD")])
            }
            switch request.target.prefix(while: { $0 != "?" }) {
            case "/healthz": return HTTPServerReply(status: 200, text: "ok\n")
            case "/readyz":
                let missing = service.metrics.missing
                return HTTPServerReply(status: missing == nil ? 200 : 503, text: "\(missing ?? "ok")\n")
            case "/metrics":
                return HTTPServerReply(
                    status: 200, headers: [("Content-Type", "text/plain; version=0.0.4; charset=utf-8")],
                    body: ByteBuffer(string: service.metricsText))
            default: return HTTPServerReply(status: 404, text: "there are /healthz, /readyz and /metrics\n")
            }
        }
    }
}
