package import NIOCore
package import NIOHTTP1

/// A request with its whole body.
package struct HTTPServerRequest: Sendable {
    package var method: HTTPMethod
    /// The request line's target, as it came: path and query, not decoded.
    package var target: String
    package var headers: HTTPHeaders
    /// A slice of what was read from the socket where the body came in one piece.
    package var body: ByteBuffer

    package init(method: HTTPMethod, target: String, headers: HTTPHeaders, body: ByteBuffer) {
        self.method = method
        self.target = target
        self.headers = headers
        self.body = body
    }
}

/// A whole reply. `Content-Length`, `Date`, `Connection` and `Transfer-Encoding` are the server's to add.
package struct HTTPServerReply: Sendable {
    package var status: Int
    package var headers: [(name: String, value: String)]
    package var body: ByteBuffer

    package init(status: Int, headers: [(name: String, value: String)] = [], body: ByteBuffer = ByteBuffer()) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// A reply of plain text.
    package init(status: Int, text: String) {
        self.init(
            status: status, headers: [("Content-Type", "text/plain; charset=utf-8")], body: ByteBuffer(string: text))
    }
}

/// Answers requests. Called on the server's event loop, one request of a connection after the other.
package protocol HTTPServerHandler: Sendable {
    /// Answers `request` through `exchange`: before it returns, which costs no task, or at any later time.
    func handle(_ request: HTTPServerRequest, _ exchange: HTTPServerExchange)
}
