// Writes heads of replies. A header that HTTP does not allow is left out, and a line break in a value becomes a blank,
// as Go's server does: what a function answers can never forge a header or a second reply.

import NIOCore
import NIOHTTP1

/// Adds header lines to a head that is being written.
package struct HTTPHeaderWriter: ~Copyable {
    fileprivate(set) var bytes: ByteBuffer

    fileprivate init(capacity: Int) {
        bytes = ByteBufferAllocator().buffer(capacity: capacity)
    }

    /// Adds a header that may come from anywhere.
    package mutating func add(_ name: String, _ value: String) {
        let (name, bytesOfValue) = (name.utf8Span.span, value.utf8Span.span)
        guard HeaderSyntax.isToken(name), !Self.isFraming(name) else { return }
        if HeaderSyntax.isFieldValue(bytesOfValue) {
            bytes.writeHeaderLine(name, bytesOfValue)
        } else {
            let mended = value.utf8.map { HeaderSyntax.isFieldByte($0) ? $0 : UInt8(ascii: " ") }
            bytes.writeHeaderLine(name, mended.span)
        }
    }

    /// The server frames its messages itself.
    private static func isFraming(_ name: Span<UInt8>) -> Bool {
        switch name.count {
        case 4: name.equalsIgnoringCase("date")
        case 10: name.equalsIgnoringCase("connection") || name.equalsIgnoringCase("keep-alive")
        case 14: name.equalsIgnoringCase("content-length")
        case 17: name.equalsIgnoringCase("transfer-encoding")
        default: false
        }
    }
}

/// How the end of a reply's body is told.
enum ReplyFraming: Equatable {
    case length(Int)
    case chunked
    /// By the end of the connection, for HTTP/1.0.
    case untilClose
    /// There is none, and no length is told (1xx, 204, 304).
    case none
}

/// Writes status line and headers of one reply after the other; keeps the Date header for a second.
struct ReplyWriter {
    private var dateSecond: Int64 = .min
    private var dateLine = ByteBuffer()
    /// Status line and date of what is answered most.
    private var okLines = ByteBuffer()

    /// A buffer with the head in it, with room for `reserve` more bytes.
    mutating func head(
        status: Int, facts: RequestAssembler.Facts, framing: ReplyFraming, keepAlive: Bool, unixSeconds: Int64,
        reserve: Int, headers: (inout HTTPHeaderWriter) -> Void
    ) -> ByteBuffer {
        // The bytes have this one owner from first to last: with two of them, the next write would copy them all.
        var head = HTTPHeaderWriter(capacity: 384 + reserve)
        readDate(unixSeconds)
        if status == 200, !facts.isHTTP1_0 {
            head.bytes.writeImmutableBuffer(okLines)
        } else {
            head.bytes.writeStaticString(facts.isHTTP1_0 ? "HTTP/1.0 " : "HTTP/1.1 ")
            let shown = (100...999).contains(status) ? status : 500
            head.bytes.writeString("\(shown) \(HTTPResponseStatus(statusCode: shown).reasonPhrase)\r\n")
            head.bytes.writeImmutableBuffer(dateLine)
        }
        headers(&head)
        switch framing {
        case .length(let length): head.bytes.writeContentLength(length)
        case .chunked: head.bytes.writeStaticString("Transfer-Encoding: chunked\r\n")
        case .untilClose, .none: break
        }
        if !keepAlive {
            head.bytes.writeStaticString("Connection: close\r\n\r\n")
        } else if facts.isHTTP1_0 {
            head.bytes.writeStaticString("Connection: keep-alive\r\n\r\n")
        } else {
            head.bytes.writeStaticString("\r\n")
        }
        return head.bytes
    }

    private mutating func readDate(_ unixSeconds: Int64) {
        guard unixSeconds != dateSecond else { return }
        dateSecond = unixSeconds
        let line = "Date: \(HTTPDate.text(unixSeconds: unixSeconds))\r\n"
        dateLine = ByteBuffer(string: line)
        okLines = ByteBuffer(string: "HTTP/1.1 200 OK\r\n\(line)")
    }
}
