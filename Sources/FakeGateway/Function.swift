internal import HTTP
internal import NIOCore
internal import SeededRandom

/// A function as a test writes it: what the gateway lists of it, and what it does.
///
///     Function("shout", topic: "faas-request") { request in
///         FunctionReply(request.text.uppercased())
///     }
public struct Function: Sendable {
    /// What a function does with a request.
    enum Body: Sendable {
        /// Answers within the gateway's event loop: no task, no wait.
        case immediate(@Sendable (FunctionRequest) -> FunctionReply)
        /// Answers after a while of the gateway's time, drawn or computed; needs no task either.
        case timed(@Sendable (FunctionRequest, inout SeededGenerator) -> (after: Duration, FunctionReply))
        case asynchronous(@Sendable (FunctionRequest) async throws -> FunctionReply)
    }

    public var name: String
    /// `nil` is the gateway's default namespace.
    public var namespace: String?
    public var image: String
    public var annotations: [String: String]
    public var labels: [String: String]
    public var environment: [String: String] = [:]
    /// Names of the secrets that it may read.
    public var secrets: [String] = []
    /// Calls that one replica runs at once; one more is answered with 429. `nil`: any number.
    public var maxInFlight: Int?
    /// From a change of replicas to their being available; `nil` is the gateway's.
    public var coldStart: Duration?
    let body: Body

    init(_ name: String, namespace: String?, topic: String?, annotations: [String: String], body: Body) {
        self.name = name
        self.namespace = namespace
        image = "functions/\(name):latest"
        self.annotations = annotations
        if let topic { self.annotations["topic"] = topic }
        labels = [:]
        self.body = body
    }

    /// A function that answers at once. It runs on the gateway's thread and must not block it.
    ///
    /// - Parameter topic: Its `topic` annotation: topics separated by commas.
    public init(
        _ name: String, namespace: String? = nil, topic: String? = nil, annotations: [String: String] = [:],
        _ body: @escaping @Sendable (FunctionRequest) -> FunctionReply
    ) {
        self.init(name, namespace: namespace, topic: topic, annotations: annotations, body: .immediate(body))
    }

    /// A function that may wait. What it throws is a 500.
    public init(
        _ name: String, namespace: String? = nil, topic: String? = nil, annotations: [String: String] = [:],
        asynchronously body: @escaping @Sendable (FunctionRequest) async throws -> FunctionReply
    ) {
        self.init(name, namespace: namespace, topic: topic, annotations: annotations, body: .asynchronous(body))
    }
}

/// A request as the function gets it.
public struct FunctionRequest: Sendable {
    /// In upper case: `POST`.
    public let method: String
    /// What follows the function's name in the path: empty, or from the slash on.
    public let path: String
    /// Without the question mark; empty if there is none.
    public let query: String
    let fields: FunctionHeaders
    let buffer: ByteBuffer
    /// What the deployment sets.
    public var environment: [String: String] = [:]
    var secretValues: [String: [UInt8]] = [:]

    /// A secret that the function may read.
    public func secret(_ name: String) -> String? { secretValues[name].map { String(decoding: $0, as: UTF8.self) } }

    /// In the order in which they came, names as they came.
    public var headers: [(name: String, value: String)] { fields.all }

    public var body: [UInt8] { Array(buffer.readableBytesView) }
    /// The body as text; what is not UTF-8 becomes U+FFFD.
    public var text: String { String(buffer: buffer) }

    /// The first header of that name, whatever its case.
    public func header(_ name: String) -> String? { fields.first(name) }

    /// The first value of a query parameter, percent-decoded; empty for one without a value.
    public func queryValue(_ name: String) -> String? { QueryString(query).first(name) }
}

/// What a function answers.
public struct FunctionReply: Sendable {
    public var status: Int
    public var headers: [(name: String, value: String)]
    /// What the function wrote for its log, a line each.
    public var log: [String] = []
    var buffer: ByteBuffer

    public var body: [UInt8] { Array(buffer.readableBytesView) }

    init(status: Int, headers: [(name: String, value: String)] = [], buffer: ByteBuffer) {
        self.status = status
        self.headers = headers
        self.buffer = buffer
    }

    public init(status: Int = 200, headers: [(name: String, value: String)] = [], body: [UInt8]) {
        self.init(status: status, headers: headers, buffer: ByteBuffer(bytes: body))
    }

    public init(_ text: String = "", status: Int = 200, headers: [(name: String, value: String)] = []) {
        self.init(status: status, headers: headers, buffer: ByteBuffer(string: text))
    }
}
