import HTTP
import NIOCore

extension HTTPServerReply {
    /// Go's answer to a path that no route has.
    static let notFound = HTTPServerReply.goError(404, "404 page not found")

    /// The router's answer to a method that the route does not have.
    static let methodNotAllowed = HTTPServerReply(status: 405)

    /// The answer of a provider that has no such handler.
    static let notImplemented = HTTPServerReply.goError(
        501, "Feature not implemented in this version of OpenFaaS")

    static let unauthorized = HTTPServerReply(
        status: 401,
        headers: [("WWW-Authenticate", "Basic realm=\"Restricted\""), ("Content-Type", "text/plain; charset=utf-8")],
        body: ByteBuffer(string: "invalid credentials"))

    /// What Go's `http.Error` sends: the text and a newline.
    static func goError(_ status: Int, _ text: String) -> HTTPServerReply {
        HTTPServerReply(
            status: status,
            headers: [("Content-Type", "text/plain; charset=utf-8"), ("X-Content-Type-Options", "nosniff")],
            body: ByteBuffer(string: "\(text)\n"))
    }

    /// An error of the platform in place of the function's reply. The name as Go writes it on the wire.
    static func platformError(_ status: Int, _ text: String) -> HTTPServerReply {
        var reply = goError(status, text)
        reply.headers.append(("X-Openfaas-Internal", "proxy"))
        return reply
    }

    static func json(_ value: JSONValue, status: Int = 200) -> HTTPServerReply {
        HTTPServerReply(status: status, headers: [("Content-Type", "application/json")], body: value.buffer)
    }
}
