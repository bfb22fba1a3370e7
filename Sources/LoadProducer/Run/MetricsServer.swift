// Answers Prometheus and probes while a run is under way.

import HTTP
import NIOCore
import NIOHTTP1
import NIOPosix

final class MetricsServer: Sendable {
    private let loops: MultiThreadedEventLoopGroup
    private let server: HTTPServer
    var port: Int { server.port }

    /// - Throws: `Failure` if the address cannot be had.
    init(_ address: ListenAddress, page: @escaping @Sendable () -> PrometheusPage) async throws {
        loops = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        do {
            server = try await HTTPServer.start(
                host: address.host, port: address.port, on: loops.next(), handler: Handler(page: page))
        } catch {
            try? await loops.shutdownGracefully()
            throw Failure("metrics_listen: \(error)")
        }
    }

    func shutDown() async {
        await server.shutDown()
        try? await loops.shutdownGracefully()
    }

    private struct Handler: HTTPServerHandler {
        let page: @Sendable () -> PrometheusPage

        func handle(_ request: HTTPServerRequest, _ exchange: HTTPServerExchange) {
            exchange.reply(answer(request))
        }

        private func answer(_ request: HTTPServerRequest) -> HTTPServerReply {
            guard request.method == .GET || request.method == .HEAD else {
                return HTTPServerReply(status: 405, headers: [("Allow", "GET, HEAD")])
            }
            switch request.target.prefix(while: { $0 != "?" }) {
            case "/healthz": return HTTPServerReply(status: 200, text: "ok\n")
            case "/metrics":
                return HTTPServerReply(
                    status: 200, headers: [("Content-Type", "text/plain; version=0.0.4; charset=utf-8")],
                    body: ByteBuffer(string: page().text))
            default: return HTTPServerReply(status: 404, text: "there are /healthz and /metrics\n")
            }
        }
    }
}
