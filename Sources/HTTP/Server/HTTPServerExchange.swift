package import NIOCore

/// One request's way back to its client. Its methods are called on the server's event loop; once the client has gone,
/// or the reply was given, they do nothing.
package struct HTTPServerExchange: Sendable {
    private let connection: NIOLoopBound<ServerConnection>
    private let number: UInt64

    init(_ connection: ServerConnection, number: UInt64, eventLoop: any EventLoop) {
        self.connection = NIOLoopBound(connection, eventLoop: eventLoop)
        self.number = number
    }

    /// How the exchange is broken off.
    package enum Abort: Sendable {
        /// The connection is closed in an orderly way; what was not replied is missing.
        case close
        /// The connection is reset.
        case reset
    }

    package var eventLoop: any EventLoop { connection.eventLoop }

    /// Host and port of the client, as `X-Forwarded-For` shows them.
    package var remoteAddress: String { connection.value.remoteAddress }

    /// Whether the client is still there and has no complete reply.
    package var isOpen: Bool { connection.value.isOpen(number) }

    /// Sends a whole reply.
    package func reply(_ reply: HTTPServerReply) {
        let fields = reply.headers
        self.reply(status: reply.status, body: reply.body) { writer in
            for (name, value) in fields { writer.add(name, value) }
        }
    }

    /// Sends a whole reply whose headers are written straight to the socket's buffer.
    package func reply(status: Int, body: ByteBuffer, headers: (inout HTTPHeaderWriter) -> Void) {
        connection.value.reply(number, status: status, body: body, headers: headers)
    }

    /// Begins a reply whose body comes in pieces, each in a chunk of its own.
    ///
    /// - Parameter length: Tells this length in place of chunks, and leaves it to the caller to keep to it.
    package func begin(status: Int, length: Int? = nil, headers: (inout HTTPHeaderWriter) -> Void) {
        connection.value.begin(number, status: status, length: length, headers: headers)
    }

    /// Sends a piece of the body. Returns false while the client reads more slowly than this writes: then
    /// `whenWritable` tells when to go on.
    @discardableResult
    package func send(_ bytes: ByteBuffer) -> Bool {
        connection.value.send(number, bytes)
    }

    /// Ends a reply that was begun.
    package func end() {
        connection.value.end(number)
    }

    /// Breaks off, with whatever has been sent by then.
    package func abort(_ how: Abort) {
        connection.value.abort(number, how)
    }

    /// Calls `action` once, when the client can take more.
    package func whenWritable(_ action: @escaping () -> Void) {
        connection.value.whenWritable(number, action)
    }

    /// Calls `action` once, if the client goes before it has its complete reply.
    package func whenAbandoned(_ action: @escaping () -> Void) {
        connection.value.whenAbandoned(number, action)
    }
}
