// A request in the form in which it goes to the socket: head and body one after the other in one buffer, so that the
// body is copied once and a request costs one write.

package import NIOCore
package import NIOHTTP1

/// What a client does with the body of a reply.
package enum ReplyBody: Sendable, Equatable {
    /// Keeps the first `limit` bytes and reads past the rest, so that the connection can be used again.
    case keepFirst(_ limit: Int)
    /// Fails with `replyTooLarge` and closes the connection once the body is longer than `limit` bytes.
    case whole(limit: Int)
}

/// What of a request's method matters to a client. Kept in its place, for NIO compares methods as strings.
enum HTTPMethodKind: Sendable {
    case get
    case head
    /// Has a length even where it has no body (RFC 9110, section 8.6).
    case enclosing
    case other

    init(_ method: HTTPMethod) {
        switch method {
        case .GET: self = .get
        case .HEAD: self = .head
        case .POST, .PUT, .PATCH: self = .enclosing
        default: self = .other
        }
    }
}

/// One encoded request.
package struct HTTPClientRequest: Sendable {
    let method: HTTPMethodKind
    private(set) var bytes: ByteBuffer
    /// For the whole exchange: waiting for a connection, sending, and receiving the reply to its end.
    package var timeout: Duration
    package var replyBody: ReplyBody

    /// Whether sending it twice does no more than sending it once (RFC 9110, section 9.2.2), for requests of this
    /// project: only those that merely ask.
    var isRepeatable: Bool { method == .get || method == .head }

    /// What goes to the socket; kept only for another time.
    mutating func take() -> ByteBuffer {
        if isRepeatable { return bytes }
        var taken = ByteBuffer()
        swap(&taken, &bytes)
        return taken
    }
}

/// What the heads of many requests begin with: the request line, `Host`, and the headers that they have in common.
package final class HTTPRequestStart: Sendable {
    fileprivate let method: HTTPMethodKind
    fileprivate let authority: String
    fileprivate let bytes: ByteBuffer

    fileprivate init(_ method: HTTPMethodKind, _ authority: String, _ bytes: ByteBuffer) {
        self.method = method
        self.authority = authority
        self.bytes = bytes
    }
}

/// Writes the head of a request, then its body.
///
///     var builder = try HTTPRequestBuilder(.POST, "/function/figlet", to: endpoint, bodyBytes: body.byteCount)
///     try builder.addHeader("Content-Type", "text/plain")
///     let request = builder.finish(body: body, timeout: .seconds(30), replyBody: .keepFirst(0))
package struct HTTPRequestBuilder: ~Copyable {
    private let method: HTTPMethodKind
    private let authority: String
    private var bytes: ByteBuffer

    /// - Parameters:
    ///   - target: Path and query below the endpoint's base path, as they stand in the request line.
    ///   - bodyBytes: How long the body will be; only to reserve memory.
    package init(
        _ method: HTTPMethod, _ target: String, to endpoint: HTTPEndpoint, bodyBytes: Int = 0
    ) throws(HTTPClientError) {
        guard HeaderSyntax.isRequestTarget(target) else {
            throw HTTPClientError(
                .illegalRequest, endpoint.authority, "its target must begin with '/' and be percent-encoded")
        }
        self.method = HTTPMethodKind(method)
        authority = endpoint.authority
        bytes = ByteBufferAllocator().buffer(capacity: 512 + bodyBytes)
        let verb = method.rawValue
        let room =
            verb.utf8.count + 1 + endpoint.basePath.utf8.count + target.utf8.count + endpoint.headAfterTarget.utf8.count
        bytes.writeTexts(atMost: room) { line in
            line.put(verb)
            line.put(UInt8(ascii: " "))
            line.put(endpoint.basePath)
            line.put(target)
            line.put(endpoint.headAfterTarget)
        }
    }

    /// - Parameters:
    ///   - room: How many bytes will follow in head and body; only to reserve memory.
    ///   - memory: To write into, whatever it holds (see `HTTPClient.spareMemory`).
    package init(_ start: HTTPRequestStart, room: Int, in memory: consuming ByteBuffer) {
        method = start.method
        authority = start.authority
        bytes = consume memory
        bytes.clear(minimumCapacity: start.bytes.readableBytes + room)
        bytes.writeImmutableBuffer(start.bytes)
    }

    /// How many bytes a body takes, with what ends the head before it.
    package static func bytes(ofBody count: Int) -> Int { 40 + count }

    /// Adds a header. Those that frame the message are the builder's own and refused here.
    package mutating func addHeader(_ name: String, _ value: String) throws(HTTPClientError) {
        let (nameBytes, valueBytes) = (name.utf8Span.span, value.utf8Span.span)
        guard HeaderSyntax.isToken(nameBytes), !Self.isReserved(nameBytes) else {
            throw HTTPClientError(.illegalRequest, authority, "'\(Self.shown(name))' cannot be the name of a header")
        }
        guard HeaderSyntax.isFieldValue(valueBytes) else {
            throw HTTPClientError(
                .illegalRequest, authority, "the value of header '\(name)' holds a line break or a control character")
        }
        bytes.writeHeaderLine(nameBytes, valueBytes)
    }

    /// Ends here what many requests begin with.
    package consuming func start() -> HTTPRequestStart {
        HTTPRequestStart(method, authority, bytes)
    }

    /// Ends the head and writes the body: the one copy that it takes on its way to the socket.
    package consuming func finish(
        body: RawSpan, timeout: Duration, replyBody: ReplyBody
    ) -> HTTPClientRequest {
        bytes.writeTexts(atMost: Self.bytes(ofBody: body.byteCount)) { end in
            end.putContentLength(body.byteCount)
            end.putLineEnd()
            end.put(body)
        }
        return HTTPClientRequest(method: method, bytes: bytes, timeout: timeout, replyBody: replyBody)
    }

    /// Ends the head of a request without a body.
    package consuming func finish(timeout: Duration, replyBody: ReplyBody) -> HTTPClientRequest {
        if method == .enclosing { bytes.writeContentLength(0) }
        bytes.writeStaticString("\r\n")
        return HTTPClientRequest(method: method, bytes: bytes, timeout: timeout, replyBody: replyBody)
    }

    private static func isReserved(_ name: Span<UInt8>) -> Bool {
        switch name.count {
        case 2: name.equalsIgnoringCase("te")
        case 4: name.equalsIgnoringCase("host")
        case 6: name.equalsIgnoringCase("expect")
        case 7: name.equalsIgnoringCase("trailer") || name.equalsIgnoringCase("upgrade")
        case 10: name.equalsIgnoringCase("connection") || name.equalsIgnoringCase("keep-alive")
        case 14: name.equalsIgnoringCase("content-length")
        case 17: name.equalsIgnoringCase("transfer-encoding")
        default: false
        }
    }

    /// A name for an error message: short, and without what could forge a line of a log.
    private static func shown(_ name: String) -> String {
        String(name.unicodeScalars.prefix(64).map { $0.value < 0x20 || $0.value == 0x7F ? "?" : Character($0) })
    }
}
