// Puts the parts of one request together and says what the connection has to do: nothing yet, ask for the body,
// answer, or refuse. A value without a socket.
//
// It may never hold more of a body than the limit, nor let a request through whose framing is in doubt.

import NIOCore
import NIOHTTP1

struct RequestAssembler {
    enum Action {
        case wait
        /// The client holds its body back until it reads `100 Continue`.
        case askForBody
        case handle(HTTPServerRequest, Facts)
        /// Answer with this status and close: the rest of the request is not read.
        case refuse(status: Int, reason: String)
    }

    /// What the reply has to know of the request.
    struct Facts: Equatable {
        var keepAlive: Bool
        var isHead: Bool
        var isHTTP1_0: Bool
    }

    private let bodyLimit: Int
    private var head: HTTPRequestHead?
    private var body = ByteBuffer()

    init(bodyLimit: Int) {
        self.bodyLimit = bodyLimit
    }

    /// Whether a head has come whose end has not.
    var isWithinBody: Bool { head != nil }

    mutating func receive(_ head: HTTPRequestHead) -> Action {
        var hosts = 0
        var expectsContinue = false
        var length = 0
        for (name, value) in head.headers {
            switch name.utf8.count {
            case 4 where name.equalsIgnoringCase("host"):
                hosts += 1
            case 6 where name.equalsIgnoringCase("expect"):
                guard value.equalsIgnoringCase("100-continue") else {
                    return .refuse(status: 417, reason: "only 100-continue can be expected")
                }
                expectsContinue = true
            case 14 where name.equalsIgnoringCase("content-length"):
                // The decoder has refused what is not a number, and one that is repeated.
                length = Int(value) ?? .max
            default: break
            }
        }
        let isHTTP1_0 = head.version.minor == 0
        guard hosts == 1 || (isHTTP1_0 && hosts == 0) else {
            return .refuse(status: 400, reason: hosts == 0 ? "missing required Host header" : "too many Host headers")
        }
        guard length <= bodyLimit else { return tooLarge }
        self.head = head
        body = ByteBuffer()
        return expectsContinue && !isHTTP1_0 ? .askForBody : .wait
    }

    mutating func receive(_ bytes: ByteBuffer) -> Action {
        guard body.readableBytes + bytes.readableBytes <= bodyLimit else { return tooLarge }
        var bytes = bytes
        // A body that came in one piece is kept as the slice that it is.
        if body.readableBytes == 0 { body = bytes } else { body.writeBuffer(&bytes) }
        return .wait
    }

    mutating func end() -> Action {
        guard let head else { return .wait }
        self.head = nil
        defer { body = ByteBuffer() }
        let facts = Facts(
            // The decoder stops after a request that asks for another protocol, which this server never speaks.
            keepAlive: head.isKeepAlive && head.method != .CONNECT && !head.headers.contains(name: "upgrade"),
            isHead: head.method == .HEAD,
            isHTTP1_0: head.version.minor == 0)
        let request = HTTPServerRequest(method: head.method, target: head.uri, headers: head.headers, body: body)
        return .handle(request, facts)
    }

    private var tooLarge: Action {
        .refuse(status: 413, reason: "the body is longer than \(bodyLimit) bytes")
    }
}
