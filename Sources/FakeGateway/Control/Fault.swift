/// What goes wrong with one request.
public enum Fault: Sendable, Equatable {
    /// What a listing says in place of the functions or namespaces there are.
    public enum Listing: Sendable, Equatable {
        case null
        /// Text that is not JSON, with status 200.
        case notJSON
        /// That many functions, up to a million.
        case huge(Int)
        /// What the last listing without this fault said; `[]` if there was none.
        case stale
    }

    /// How the provider behind the gateway fails.
    public enum Provider: Sendable, Equatable {
        /// It takes no connection.
        case down
        /// It answers this to whatever it is asked.
        case status(Int, text: String = "")
    }

    /// The gateway answers this, and the function does not run.
    case status(Int, text: String = "")
    /// Everything happens later.
    case delay(Duration)
    /// The connection ends without a reply, before the function ran.
    case dropBeforeRun
    /// The connection ends without a reply, after the function ran.
    case dropAfterRun
    /// The connection is reset, after the function ran.
    case reset
    /// Nothing is ever answered, and the connection stays open; the function does not run.
    case halfOpen
    /// The reply's length is told, but the connection ends after that many bytes of its body.
    case truncate(after: Int)
    /// The reply tells this length, whatever its body has.
    case contentLength(Int)
    /// The reply's body comes so many bytes at a time.
    case trickle(bytes: Int, every: Duration)
    /// The reply comes so much later than the function answered.
    case replyLate(Duration)
    /// This is answered at once, and the function runs all the same.
    case replyEarly(Int, text: String = "")
    /// 401, as for wrong credentials.
    case unauthorized
    case listing(Listing)
    /// The gateway answers what the real one makes of such a provider; in the dialect of a provider, a closed
    /// connection or the status itself. What needs no provider is answered as ever.
    case provider(Provider)
}

/// A fault as data: which requests it strikes, and how often.
///
///     // The first 3 listings are refused.
///     FaultRule(.unauthorized, path: "/system/functions", count: 3)
public struct FaultRule: Sendable {
    public var fault: Fault
    /// As the request has it: `POST`. `nil` is any.
    public var method: String?
    /// What the path begins with. `nil` is any.
    public var path: String?
    /// `name` or `name.namespace` as called. `nil` is any, and requests for none.
    public var function: String?
    /// Requests that match and pass before the first is struck.
    public var skip: Int
    /// Requests that are struck; `nil` is all.
    public var count: Int?
    /// How long after the rule was set it holds, in the gateway's time; `nil` is for ever.
    public var duration: Duration?
    /// The share of those that match which are struck, drawn by the gateway's seed.
    public var probability: Double

    public init(
        _ fault: Fault, method: String? = nil, path: String? = nil, function: String? = nil, skip: Int = 0,
        count: Int? = nil, for duration: Duration? = nil, probability: Double = 1
    ) {
        self.fault = fault
        self.method = method
        self.path = path
        self.function = function
        self.skip = skip
        self.count = count
        self.duration = duration
        self.probability = probability
    }
}
