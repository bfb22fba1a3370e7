import HTTP
import NIOCore

extension HTTPServerReply {
    /// Go's answer to a path that no route has.
    static let notFound = HTTPServerReply.goError(404, "404 page not found")

    /// The router's answer to a method that the route does not have.
    static let methodNotAllowed = HTTPServerReply(status: 405)

    /// What Go's `http.Error` sends: the text and a newline.
    static func goError(_ status: Int, _ text: String) -> HTTPServerReply {
        HTTPServerReply(
            status: status,
            headers: [("Content-Type", "text/plain; charset=utf-8"), ("X-Content-Type-Options", "nosniff")],
            body: ByteBuffer(string: "\(text)\n"))
    }

    static func json(_ value: JSONValue, status: Int = 200) -> HTTPServerReply {
        HTTPServerReply(status: status, headers: [("Content-Type", "application/json")], body: value.buffer)
    }
}
