// The seam towards the OpenFaaS gateway: which functions are there, and a way to invoke one.

/// A function's name and namespace.
public struct FunctionName: Hashable, Comparable, Sendable, CustomStringConvertible {
    public var name: String
    /// `nil` is the gateway's default namespace.
    public var namespace: String?

    public init(_ name: String, namespace: String? = nil) {
        self.name = name
        self.namespace = namespace
    }

    /// As it stands in the gateway's path and in log lines: `figlet`, `figlet.staging`.
    public var description: String {
        if let namespace { "\(name).\(namespace)" } else { name }
    }

    public static func < (left: FunctionName, right: FunctionName) -> Bool {
        (left.namespace ?? "", left.name) < (right.namespace ?? "", right.name)
    }
}

/// One function as the gateway lists it, as far as the connector needs it.
public struct FunctionDescription: Equatable, Sendable {
    public var name: FunctionName
    /// By name; empty where the gateway leaves them out.
    public var annotations: [String: String]

    public init(name: FunctionName, annotations: [String: String]) {
        self.name = name
        self.annotations = annotations
    }
}

/// How the gateway runs the function.
public enum InvocationMode: Equatable, Sendable {
    /// `/function/`: the reply is the function's own.
    case synchronous
    /// `/async-function/`: the gateway queues it and answers 202.
    case asynchronous
}

/// What all calls of one function for the events of one topic have in common. The connector keeps one for as long as
/// its map stays, so that a gateway need not work it out for each call.
public final class CallRoute: Sendable {
    public let function: FunctionName
    public let mode: InvocationMode
    /// The first headers of every request, in order. Values are legal in HTTP.
    public let headers: [EventAttribute]
    /// What the gateway that made the route has worked out of it.
    public let prepared: (any PreparedRoute)?

    public init(
        to function: FunctionName, mode: InvocationMode, headers: [EventAttribute] = [],
        prepared: (any PreparedRoute)? = nil
    ) {
        self.function = function
        self.mode = mode
        self.headers = headers
        self.prepared = prepared
    }
}

/// A gateway's own form of a route.
public protocol PreparedRoute: AnyObject, Sendable {}

/// One call of a function for one event.
public struct Invocation: Sendable {
    public var route: CallRoute
    public var event: Event
    /// Headers of the request that follow those of the route, in order. Values are legal in HTTP.
    public var eventHeaders: [EventAttribute]
    /// In place of the event's payload, which is wrapped in it.
    private let wrapping: Bytes?
    /// The reply's body is kept up to this many bytes; 0 keeps none.
    public var replyBodyLimit: Int

    public var function: FunctionName { route.function }
    public var mode: InvocationMode { route.mode }
    /// The request's body.
    public var body: Bytes { wrapping ?? event.payload ?? Bytes([]) }
    /// All headers of the request, in order, without those that HTTP itself needs.
    public var headers: [EventAttribute] { route.headers + eventHeaders }

    /// - Parameters:
    ///   - headers: Those of the event.
    ///   - body: `nil` is the event's payload.
    public init(
        _ route: CallRoute, event: Event, headers: [EventAttribute] = [], body: Bytes? = nil, replyBodyLimit: Int = 0
    ) {
        self.route = route
        self.event = event
        eventHeaders = headers
        wrapping = body
        self.replyBodyLimit = replyBodyLimit
    }
}

/// What came back from an invocation.
public struct Reply: Sendable {
    /// Who made the status.
    public enum Origin: Equatable, Sendable {
        case function
        /// The gateway or its provider (`X-OpenFaaS-Internal`).
        case platform
    }

    public var status: Int
    public var origin: Origin
    /// Kept if the body is.
    public var headers: [EventAttribute]
    /// What was kept of the body (see `Invocation.replyBodyLimit`).
    public var body: Bytes
    /// How long the body really was, kept or not.
    public var bodyBytes: Int
    /// How long the reply asks to wait before the next try (`Retry-After`, in seconds or as a date); `nil` if it does
    /// not ask.
    public var retryAfter: Duration?
    /// By which the gateway's own log names the call (`X-Call-Id`), if the gateway was told to keep it.
    public var callID: String?

    public init(
        status: Int, origin: Origin = .function, headers: [EventAttribute] = [], body: Bytes = Bytes([]),
        bodyBytes: Int = 0, retryAfter: Duration? = nil, callID: String? = nil
    ) {
        self.status = status
        self.origin = origin
        self.headers = headers
        self.body = body
        self.bodyBytes = bodyBytes
        self.retryAfter = retryAfter
        self.callID = callID
    }
}

/// Why an invocation has no reply. Whether the function ran is unknown for all but `notSent`.
public struct InvocationFailure: Error, Equatable, Sendable, CustomStringConvertible {
    public enum Kind: String, Sendable, CaseIterable {
        /// Nothing reached the gateway: refused, unresolved, no connection free.
        case notSent
        /// No reply within `upstream_timeout`.
        case timedOut
        /// The connection ended before the reply did.
        case connectionLost
        /// The reply was not HTTP, or past a limit.
        case badReply
        /// The connector is shutting down.
        case cancelled
    }

    public var kind: Kind
    /// What failed, where, and what to do; never a payload or a secret.
    public var message: String

    public init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }

    public var description: String { message }
}

/// An OpenFaaS gateway.
public protocol Gateway: Sendable {
    /// The namespaces that the gateway knows, in its order; empty where it has no notion of them.
    func namespaces() async throws -> [String]

    /// The functions of one namespace, in the gateway's order; `nil` asks without naming one.
    func functions(in namespace: String?) async throws -> [FunctionDescription]

    /// A way to the function, for the invocations of this gateway.
    func route(to function: FunctionName, mode: InvocationMode, headers: [EventAttribute]) -> CallRoute

    /// Calls a function once. Never retried below this seam once a byte was sent.
    func invoke(_ invocation: Invocation) async throws(InvocationFailure) -> Reply

    /// Begins what `invoke` does, without a task that waits: the end goes to the inbox, once, at once or later.
    ///
    /// - Parameter call: By which the inbox knows the call.
    /// - Returns: `false` if the gateway cannot do so here, and has done nothing; then `invoke` is asked.
    func begin(_ invocation: Invocation, as call: Int, endingIn inbox: CallInbox) -> Bool

    /// Ends the calls that were begun for this inbox, with a failure that says `cancelled`.
    func cancelCalls(endingIn inbox: CallInbox)
}

extension Gateway {
    public func route(to function: FunctionName, mode: InvocationMode, headers: [EventAttribute]) -> CallRoute {
        CallRoute(to: function, mode: mode, headers: headers)
    }

    public func begin(_ invocation: Invocation, as call: Int, endingIn inbox: CallInbox) -> Bool { false }

    public func cancelCalls(endingIn inbox: CallInbox) {}
}
