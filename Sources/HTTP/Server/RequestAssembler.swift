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
    private var head: RequestHead?
    private var body = ByteBuffer()

    init(bodyLimit: Int) {
        self.bodyLimit = bodyLimit
    }

    /// Whether a head has come whose end has not.
    var isWithinBody: Bool { head != nil }

    mutating func receive(_ head: consuming RequestHead) -> Action {
        let (frame, isHTTP1_0) = (head.frame, head.isHTTP1_0)
        guard frame.expectation != .other else {
            return .refuse(status: 417, reason: "only 100-continue can be expected")
        }
        guard frame.hosts == 1 || (isHTTP1_0 && frame.hosts == 0) else {
            let reason = frame.hosts == 0 ? "missing required Host header" : "too many Host headers"
            return .refuse(status: 400, reason: reason)
        }
        guard frame.length ?? 0 <= bodyLimit else { return tooLarge }
        self.head = head
        body = ByteBuffer()
        return frame.expectation == .continue && !isHTTP1_0 ? .askForBody : .wait
    }

    mutating func receive(_ bytes: ByteBuffer) -> Action {
        guard body.readableBytes + bytes.readableBytes <= bodyLimit else { return tooLarge }
        var bytes = bytes
        // A body that came in one piece is kept as the slice that it is.
        if body.readableBytes == 0 { body = bytes } else { body.writeBuffer(&bytes) }
        return .wait
    }

    mutating func end() -> Action {
        guard let head = head.take() else { return .wait }
        defer { body = ByteBuffer() }
        let facts = Facts(
            // Another protocol is never spoken: what the client sends in it would be taken for requests.
            keepAlive: head.frame.keepsConnection(isHTTP1_0: head.isHTTP1_0) && !head.method.isConnect
                && !head.frame.hasUpgrade,
            isHead: head.method.isHead,
            isHTTP1_0: head.isHTTP1_0)
        let request = HTTPServerRequest(method: head.method, target: head.target, headers: head.headers, body: body)
        return .handle(request, facts)
    }

    private var tooLarge: Action {
        .refuse(status: 413, reason: "the body is longer than \(bodyLimit) bytes")
    }
}

// `==` would compare the methods' names.
extension HTTPMethod {
    fileprivate var isConnect: Bool { if case .CONNECT = self { true } else { false } }
    fileprivate var isHead: Bool { if case .HEAD = self { true } else { false } }
}
