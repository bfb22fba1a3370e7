package import HTTP
import NIOCore
import NIOHTTP1

/// What a connector answers to probes and to Prometheus.
package enum StatusPages {
    /// - Parameters:
    ///   - missing: What keeps it from being ready, if anything.
    ///   - metrics: In Prometheus' text form.
    ///   - pages: What there is, for who asks for something else.
    package static func answer(
        _ request: HTTPServerRequest, missing: String?, metrics: () -> String, pages: String
    ) -> HTTPServerReply {
        guard request.method == .GET || request.method == .HEAD else {
            return HTTPServerReply(status: 405, headers: [("Allow", "GET, HEAD")])
        }
        switch request.target.prefix(while: { $0 != "?" }) {
        case "/healthz": return HTTPServerReply(status: 200, text: "ok\n")
        case "/readyz": return HTTPServerReply(status: missing == nil ? 200 : 503, text: "\(missing ?? "ok")\n")
        case "/metrics":
            return HTTPServerReply(
                status: 200, headers: [("Content-Type", "text/plain; version=0.0.4; charset=utf-8")],
                body: ByteBuffer(string: metrics()))
        default: return HTTPServerReply(status: 404, text: "there are \(pages)\n")
        }
    }
}
