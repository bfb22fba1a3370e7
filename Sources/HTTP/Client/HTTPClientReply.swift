package import NIOCore

/// What came back.
package struct HTTPClientReply: Sendable {
    package var status: Int
    package var headers: HTTPFields
    /// What was kept of the body.
    package var body: ByteBuffer
    /// How long the body really was, kept or not.
    package var bodyBytes: Int
}

/// Puts the parts of one reply together, within the request's bound.
struct ReplyAssembler {
    enum Progress: Equatable {
        case more
        case tooLarge
    }

    private let policy: ReplyBody
    private var head: ReplyHead?
    private var body = ByteBuffer()
    private var bodyBytes = 0

    init(_ policy: ReplyBody) {
        self.policy = policy
    }

    var hasHead: Bool { head != nil }

    mutating func receive(_ head: ReplyHead) {
        self.head = head
    }

    mutating func receive(_ bytes: ByteBuffer) -> Progress {
        var bytes = bytes
        bodyBytes += bytes.readableBytes
        switch policy {
        case .whole(let limit):
            guard bodyBytes <= limit else { return .tooLarge }
            keep(&bytes)
        case .keepFirst(let limit):
            let room = limit - body.readableBytes
            if room > 0, var kept = bytes.readSlice(length: min(room, bytes.readableBytes)) { keep(&kept) }
        }
        return .more
    }

    /// The reply, if its head has come, and whether the connection outlives it, as far as the head tells.
    func finished() -> (HTTPClientReply, keepsConnection: Bool)? {
        guard let head else { return nil }
        let reply = HTTPClientReply(status: head.status, headers: head.fields, body: body, bodyBytes: bodyBytes)
        return (reply, head.frame.keepsConnection(isHTTP1_0: head.isHTTP1_0))
    }

    private mutating func keep(_ bytes: inout ByteBuffer) {
        // A body that came in one piece is kept as the slice that it is.
        if body.readableBytes == 0 { body = bytes } else { body.writeBuffer(&bytes) }
    }
}
