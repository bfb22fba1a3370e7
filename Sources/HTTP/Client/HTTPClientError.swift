/// Why a request has no reply: what failed, where, and whether the server may have seen the request.
package struct HTTPClientError: Error, Equatable, Sendable, CustomStringConvertible {
    package enum Code: String, Sendable {
        /// The request cannot be sent as it is: a header or a target that HTTP does not allow, or a missing feature.
        case illegalRequest
        /// The host's name was not resolved.
        case nameNotResolved
        /// Nobody listens there.
        case connectionRefused
        /// The connection was not made, for another reason or in time.
        case connectFailed
        /// The certificates or keys that the client is to use cannot be used.
        case unusableTLS
        /// The server, or the client, was not accepted by the other side, or does not speak TLS.
        case tlsFailed
        /// Every connection is busy and as many requests wait as may.
        case tooManyWaiting
        /// The whole exchange did not end within the request's timeout.
        case timedOut
        /// The connection ended, or broke, before the first byte of a reply.
        case closedBeforeReply
        /// The connection ended, or broke, within the reply.
        case closedDuringReply
        /// What came back is not HTTP/1.1.
        case malformedReply
        /// The reply is longer than the request allows.
        case replyTooLarge
        /// The task was cancelled.
        case cancelled
        /// The client was shut down.
        case shutDown
    }

    package var code: Code
    /// Host and port.
    package var authority: String
    /// What is known beyond the code; may be empty.
    package var detail: String
    /// False if no byte of the request can have reached the server, so that sending it again is no repetition.
    package var requestMayHaveArrived: Bool

    package init(_ code: Code, _ authority: String, _ detail: String = "", requestMayHaveArrived: Bool = false) {
        self.code = code
        self.authority = authority
        self.detail = detail
        self.requestMayHaveArrived = requestMayHaveArrived
    }

    package var description: String {
        let what =
            switch code {
            case .illegalRequest: "cannot send the request to \(authority)"
            case .nameNotResolved: "cannot resolve the host of \(authority)"
            case .connectionRefused: "connection refused by \(authority)"
            case .connectFailed: "cannot connect to \(authority)"
            case .unusableTLS: "cannot use TLS with \(authority)"
            case .tlsFailed: "TLS with \(authority) failed"
            case .tooManyWaiting: "too many requests wait for a connection to \(authority)"
            case .timedOut: "no reply in time from \(authority)"
            case .closedBeforeReply: "\(authority) closed the connection before it replied"
            case .closedDuringReply: "\(authority) closed the connection within its reply"
            case .malformedReply: "\(authority) replied with something other than HTTP/1.1"
            case .replyTooLarge: "the reply of \(authority) is too large"
            case .cancelled: "the request to \(authority) was cancelled"
            case .shutDown: "the client of \(authority) was shut down"
            }
        return detail.isEmpty ? what : "\(what): \(detail)"
    }
}
