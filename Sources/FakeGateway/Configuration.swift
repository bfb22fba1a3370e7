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

        /// Whose statuses and shapes are answered, where they differ.
        public enum Dialect: Sendable, CaseIterable {
            /// A gateway before faas-netes. The default.
            case faasNetes
            /// A gateway before faasd.
            case faasd
            /// What a real gateway finds behind it: a provider, without the gateway's routes, headers and counts.
            case provider
        }

        /// What OpenFaaS sells apart: scaling to zero and beyond 5 replicas, and a queue that tries again.
        public enum Edition: Sendable {
            case community
            case pro
        }

        /// How the gateway knows what time it is.
        public enum Time: Sendable {
            case real
            /// It passes only by ``FakeGateway/advance(by:)``; begins at `start`, or now. Functions that are tasks run
            /// in real time all the same.
            case virtual(startUnixNanoseconds: Int64? = nil)
        }

        /// The queue behind `/async-function/`, with its worker.
        public struct Queue: Sendable {
            /// Calls that the worker makes at once (`max_inflight`).
            public var workers = 1
            /// Calls that may wait; one more is answered with 500.
            public var capacity = 10_000
            /// Bytes of one call's body; a longer one is answered with 500.
            public var bodyBytes = 1024 * 1024
            /// Pro: what holds for functions without `com.openfaas.retry` annotations.
            public var retry = RetryPolicy()

            public init(workers: Int = 1) { self.workers = workers }
        }

        /// A certificate with the intermediate ones after it, and its private key: texts in PEM form.
        public struct TLS: Sendable {
            public var certificateChain: String
            public var privateKey: String
            /// Who must have signed the certificate that every client then has to show; `nil` asks for none.
            public var clientAuthorities: String?

            public init(certificateChain: String, privateKey: String, clientAuthorities: String? = nil) {
                self.certificateChain = certificateChain
                self.privateKey = privateKey
                self.clientAuthorities = clientAuthorities
            }
        }

        /// The address to listen on. Default loopback.
        public var host = "127.0.0.1"
        /// 0 takes any free port.
        public var port = 0
        /// Where `/metrics` is served; 0 takes any free port, `nil` serves none.
        public var metricsPort: Int? = 0
        public var dialect = Dialect.faasNetes
        public var edition = Edition.community
        public var time = Time.real
        /// `nil`: there is no `/async-function/`.
        public var queue: Queue? = Queue()
        /// From a change of replicas to their being available; a function may have its own.
        public var coldStart = Duration.zero
        /// Whether a call of a function without replicas starts one. Without: 503.
        public var scaleFromZero = true
        /// A stream of logs ends after this (`write_timeout`).
        public var writeTimeout = Duration.seconds(60)
        /// What goes wrong, from the start; see ``FakeGateway/setFaults(_:)``.
        public var faults: [FaultRule] = []
        /// Deployed from the start, in the order of listings.
        public var functions: [Function] = []
        /// Whether programs that clients deploy (`envProcess`) are run on this machine. Without: built-in functions.
        public var runsProcesses = false
        /// `nil` for plain HTTP.
        public var tls: TLS?
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
        /// Lines of one function's log that are kept; with 0 only followers see any.
        public var logLines = 1000
        /// Streams of logs that may be followed at once; one more is answered with 500.
        public var logFollowers = 1000
        public var secrets = 10_000
        public var namespaces = 1000
        /// Pairs of function and status that the metrics count; others go uncounted.
        public var metricSeries = 10_000

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
        guard metricsPort.map((0...65535).contains) ?? true else {
            throw .invalid("metricsPort", metricsPort ?? 0, accepted: "0 to 65535, 0 being any free port, or nil")
        }
        guard queue.map({ $0.workers > 0 && $0.capacity > 0 && $0.bodyBytes >= 0 }) ?? true else {
            throw .invalid("queue", queue.map { "\($0)" } ?? "", accepted: "one or more workers, a capacity above zero")
        }
        guard coldStart >= .zero else { throw .invalid("coldStart", coldStart, accepted: "a duration, or zero") }
        guard writeTimeout > .zero else {
            throw .invalid("writeTimeout", writeTimeout, accepted: "a duration above zero")
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
