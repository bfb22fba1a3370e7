package import HTTP
package import NIOCore

/// What the state wants done. The shell carries it out and decides nothing.
package enum GatewayEffect: Sendable {
    /// A whole reply to the request of that number.
    case reply(Int, HTTPServerReply)
    /// A reply whose body comes in pieces; `length` is the length to claim, `nil` for chunks.
    case begin(Int, status: Int, headers: [(name: String, value: String)], length: Int?)
    case send(Int, ByteBuffer)
    case end(Int)
    /// The connection ends, with what was sent until then.
    case abort(Int, HTTPServerExchange.Abort)
    /// A function that may wait is to be run; hand what comes of it to `finish`.
    case run(CallID, FunctionRequest, @Sendable (FunctionRequest) async throws -> FunctionReply)
    /// Nobody waits for it any more.
    case cancel(CallID)
    /// The result of a queued call goes to its callback; tell `callbackEnded` what came of it.
    case post(CallbackRequest)
}

/// Names a call that is under way.
package struct CallID: Hashable, Sendable {
    let number: Int
}

/// How a function's run ended.
package enum CallOutcome: Sendable {
    case replied(FunctionReply)
    case failed(String)
}

/// The result of a queued call on its way to the URL that its caller gave.
package struct CallbackRequest: Sendable {
    package let number: Int
    package let url: String
    package let headers: [(name: String, value: String)]
    package let body: ByteBuffer
}

/// A reply, or the end of the connection in its place.
enum GatewayReply: Sendable {
    case whole(HTTPServerReply)
    case none(HTTPServerExchange.Abort)
}

/// A request that calls a function.
struct PendingRequest: Sendable {
    let request: HTTPServerRequest
    let way: Way
    let called: CalledFunction

    /// The function's name as the path has it.
    var calledName: Substring {
        if case .function(let name, _) = Route(Target(request.target).path) { name } else { "" }
    }
}

/// Whom a request calls, as its target says.
struct CalledFunction: Sendable {
    let key: FunctionKey
    /// As the metrics count it: as called, with a namespace. All but always `key`.
    let counted: FunctionKey
    /// What follows the name in the path.
    let path: String
    let query: String

    init(_ name: Substring, _ path: Substring, _ query: Substring, defaultNamespace: String) {
        let name = String(name)
        key = FunctionKey(called: name, defaultNamespace: defaultNamespace)
        // A dot in front parts no namespace from a name, yet the metrics add none to a name with a dot.
        let hasOnlyFirstDot = name.utf8.first == UInt8(ascii: ".") && key.name == name
        counted = hasOnlyFirstDot ? FunctionKey(name: "", namespace: String(name.dropFirst())) : key
        self.path = String(path)
        self.query = String(query)
    }
}

/// Where a reply goes to.
struct Way: Sendable {
    enum Origin: Sendable, Equatable {
        case client
        /// The queue's worker; the number of its call.
        case worker(Int)
    }

    /// Of the request, as the journal counts.
    let number: Int
    let origin: Origin
    /// What spoils the reply.
    var fault: Fault?
    /// A reply was given before the function ran; its own goes nowhere.
    var isAnswered = false
}

/// A reply of which some bytes are sent at a time.
struct Trickle: Sendable {
    let number: Int
    var rest: ByteBuffer
    let bytes: Int
    let every: Duration
}
