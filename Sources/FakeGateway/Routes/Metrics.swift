package import HTTP
import NIOCore
import NIOHTTP1

// The gateway's other port: /metrics for Prometheus, and /healthz of its own. Neither asks for credentials. A provider
// has the former on the port of its API too, with names of its own.

extension GatewayState {
    package mutating func receiveOnMetricsPort(_ request: HTTPServerRequest, now: GatewayTime) -> HTTPServerReply {
        advance(to: now)
        switch Target(request.target).path {
        case "/metrics": return metricsReply()
        case "/healthz":
            return request.method == .GET ? HTTPServerReply(status: 200, text: "OK") : .methodNotAllowed
        default: return .notFound
        }
    }

    mutating func metricsReply() -> HTTPServerReply {
        var text = PrometheusText()
        if !isProvider { metrics.write(to: &text) }
        text.family("process_start_time_seconds", "gauge", "Start time of the process since unix epoch in seconds.")
        text.sample("process_start_time_seconds", "", Double(startedAt.unixNanoseconds) / 1e9)
        text.family("promhttp_metric_handler_requests_in_flight", "gauge", "Current number of scrapes being served.")
        text.sample("promhttp_metric_handler_requests_in_flight", "", 1)
        text.family(
            "promhttp_metric_handler_requests_total", "counter", "Total number of scrapes by HTTP status code.")
        for (code, count) in [(200, scrapes), (500, 0), (503, 0)] {
            text.sample("promhttp_metric_handler_requests_total", "code=\"\(code)\"", Double(count))
        }
        if isProvider { providerMetrics.write(to: &text) }
        scrapes += 1
        return HTTPServerReply(
            status: 200, headers: [("Content-Type", "text/plain; version=0.0.4; charset=utf-8")],
            body: ByteBuffer(string: text.text))
    }
}
