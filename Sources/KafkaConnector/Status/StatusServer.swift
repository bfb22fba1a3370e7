// Answers probes and Prometheus on the connector's own event loop: a loop that is stuck does not answer, which is what
// a liveness probe must see.

import HTTP
package import NIOCore
import NIOHTTP1
import Synchronization

/// What is asked of a connector that runs.
package struct StatusAnswers: Sendable {
    /// What keeps it from being ready, if anything.
    let missing: @Sendable () -> String?
    /// In Prometheus's text format.
    let metrics: @Sendable () -> String
    let explain: @Sendable (_ function: String, _ topic: String) async throws -> String

    package init(
        missing: @escaping @Sendable () -> String?, metrics: @escaping @Sendable () -> String,
        explain: @escaping @Sendable (_ function: String, _ topic: String) async throws -> String
    ) {
        self.missing = missing
        self.metrics = metrics
        self.explain = explain
    }
}

package final class StatusServer: Sendable {
    private let server: HTTPServer

    /// Where it listens; useful if the system chose the port.
    package var port: Int { server.port }

    /// - Throws: If the address cannot be had.
    package init(
        _ address: StatusAddress, _ answers: StatusAnswers, on eventLoop: any EventLoop
    ) async throws {
        // Anybody may ask: for what is nothing but a path, on as many connections as probes and Prometheus need.
        var configuration = HTTPServerConfiguration()
        configuration.limits.bodyBytes = 1024
        configuration.limits.serverConnections = 512
        // Whoever is connected and asks nothing takes a place from the probes no longer than this.
        configuration.headTimeout = .seconds(5)
        configuration.bodyTimeout = .seconds(5)
        configuration.idleTimeout = .seconds(15)
        server = try await HTTPServer.start(
            host: address.host, port: address.port, on: eventLoop, configuration: configuration,
            handler: Handler(answers))
    }

    package func shutDown() async { await server.shutDown() }

    private final class Handler: HTTPServerHandler {
        /// Each lists all functions, by connections that calls need too.
        private static let mostExplanations = 4

        private let answers: StatusAnswers
        private let explanations = Atomic(0)

        init(_ answers: StatusAnswers) { self.answers = answers }

        func handle(_ request: HTTPServerRequest, _ exchange: HTTPServerExchange) {
            let path = request.target.prefix { $0 != "?" }
            guard request.method == .GET, path == "/explain" else { return exchange.reply(answer(request)) }
            let query = QueryString(request.target.dropFirst(path.count + 1))
            guard let function = query.first("function"), !function.isEmpty,
                let topic = query.first("topic"), !topic.isEmpty
            else {
                let usage = "ask for /explain?function=NAME&topic=TOPIC\n"
                return exchange.reply(HTTPServerReply(status: 400, text: usage))
            }
            guard explanations.add(1, ordering: .relaxed).newValue <= Self.mostExplanations else {
                explanations.subtract(1, ordering: .relaxed)
                let text = "\(Self.mostExplanations) others are being explained; ask again\n"
                return exchange.reply(HTTPServerReply(status: 503, text: text))
            }
            Task {
                let reply = await explain(function, topic)
                explanations.subtract(1, ordering: .relaxed)
                exchange.eventLoop.execute { exchange.reply(reply) }
            }
        }

        private func explain(_ function: String, _ topic: String) async -> HTTPServerReply {
            do {
                return HTTPServerReply(status: 200, text: try await answers.explain(function, topic))
            } catch {
                return HTTPServerReply(status: 502, text: "the functions could not be listed: \(error)\n")
            }
        }

        private func answer(_ request: HTTPServerRequest) -> HTTPServerReply {
            guard request.method == .GET || request.method == .HEAD else {
                return HTTPServerReply(status: 405, headers: [("Allow", "GET, HEAD")])
            }
            switch request.target.prefix(while: { $0 != "?" }) {
            case "/healthz": return HTTPServerReply(status: 200, text: "ok\n")
            case "/readyz":
                let missing = answers.missing()
                return HTTPServerReply(status: missing == nil ? 200 : 503, text: "\(missing ?? "ok")\n")
            case "/metrics":
                return HTTPServerReply(
                    status: 200, headers: [("Content-Type", "text/plain; version=0.0.4; charset=utf-8")],
                    body: ByteBuffer(string: answers.metrics()))
            default:
                return HTTPServerReply(status: 404, text: "there are /healthz, /readyz, /metrics and /explain\n")
            }
        }
    }
}
