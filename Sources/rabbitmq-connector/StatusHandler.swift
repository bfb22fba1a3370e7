import Foundation
import HTTP
import KafkaConnector

/// Answers probes and Prometheus on the connector's own event loop.
struct StatusHandler: HTTPServerHandler {
    let metrics: Metrics

    func handle(_ request: HTTPServerRequest, _ exchange: HTTPServerExchange) {
        exchange.reply(
            StatusPages.answer(
                request, missing: metrics.missing,
                metrics: {
                    metrics.text(
                        group: "", detail: .full, statistics: nil, now: .now,
                        nowMilliseconds: Int64(Date().timeIntervalSince1970 * 1000))
                }, pages: "/healthz, /readyz and /metrics"))
    }
}
