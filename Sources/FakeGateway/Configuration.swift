extension FakeGateway {
    /// What a gateway is made of. Every field has a default that suits a test.
    public struct Configuration: Sendable {
        /// A user of the API under `/system`.
        public struct BasicAuth: Sendable {
            public var user: String
            public var password: String

            public init(user: String, password: String) {
                self.user = user
                self.password = password
            }
        }

        /// What is answered to a call of a function that is not there.
        public enum UnknownFunction: Sendable {
            /// 404, as with scale from zero. The default.
            case notFound
            /// 503, as the provider answers.
            case noEndpoints
        }

        /// The address to listen on. Default loopback.
        public var host = "127.0.0.1"
        /// 0 takes any free port.
        public var port = 0
        /// Deployed from the start, in the order of listings.
        public var functions: [Function] = []
        /// Without it, nobody is asked for credentials.
        public var basicAuth: BasicAuth?
        /// The first is the default one.
        public var namespaces = ["openfaas-fn"]
        public var unknownFunction = UnknownFunction.notFound
        /// After this the gateway gives a function up with 502 and an empty body (`upstream_timeout`).
        public var upstreamTimeout = Duration.seconds(60)
        /// As `X-Served-By` and `/system/info` say.
        public var version = "0.27.10"
        /// Decides every id and every draw of chance.
        public var seed: UInt64 = 0
        public var limits = Limits()

        public init() {}
    }

    /// Bounds on what clients can make the gateway hold.
    public struct Limits: Sendable {
        /// Bytes of one request's body; a longer one is answered with 413.
        public var bodyBytes = 32 * 1024 * 1024
        /// Requests that the journal remembers; the oldest are forgotten first.
        public var journalEntries = 10_000
        /// Functions that may be deployed; one more is answered with 500.
        public var functions = 100_000

        public init() {}
    }
}

/// Why a gateway does not start.
public struct FakeGatewayError: Error, Equatable, Sendable, CustomStringConvertible {
    public let description: String

    static func invalid(_ field: String, _ value: Any, accepted: String) -> FakeGatewayError {
        FakeGatewayError(description: "\(field) = \(value) is not valid: \(accepted)")
    }
}

extension FakeGateway.Configuration {
    func validate() throws(FakeGatewayError) {
        guard (0...65535).contains(port) else {
            throw .invalid("port", port, accepted: "0 to 65535, 0 being any free port")
        }
        guard !namespaces.isEmpty else { throw .invalid("namespaces", namespaces, accepted: "one or more") }
        guard upstreamTimeout > .zero else {
            throw .invalid("upstreamTimeout", upstreamTimeout, accepted: "a duration above zero")
        }
        for function in functions {
            guard FunctionKey.isName(function.name) else {
                throw .invalid("functions.name", function.name, accepted: "letters, digits, '-', '.' and '_'")
            }
            guard function.namespace.map(namespaces.contains) ?? true else {
                throw .invalid("functions.namespace", function.namespace ?? "", accepted: "one of \(namespaces)")
            }
        }
    }
}
