// Decides whether a call is tried again, and when. Source: the retry annotations and codes of OpenFaaS Pro's
// documentation; full jitter spreads the tries of events that failed together.

/// When and how often one function is called again for one event.
public struct RetryPolicy: Equatable, Sendable {
    /// Calls in all, the first included. Default 10.
    public var attempts = 10
    /// The longest first wait, and the shortest that a `Retry-After` can ask for. Default 1 s.
    public var minWait = Duration.seconds(1)
    /// No wait is longer. Default 60 s.
    public var maxWait = Duration.seconds(60)
    /// Statuses worth another call. A call without a reply always is.
    public var codes = [408, 429, 500, 502, 503, 504]

    public init() {}

    /// The wait after the call numbered `attempt` (from 1) failed: what the reply asked for, or a random share of a
    /// bound that doubles with every call; within `minWait` and `maxWait`.
    func wait(
        afterAttempt attempt: Int, retryAfter: Duration?, using generator: inout some RandomNumberGenerator
    ) -> Duration {
        if let retryAfter { return min(max(retryAfter, minWait), maxWait) }
        var bound = minWait
        for _ in 1..<max(2, attempt) where bound < maxWait && attempt > 1 { bound *= 2 }
        return min(bound, maxWait) * Double.random(in: 0...1, using: &generator)
    }
}

/// How one call of a function ended, seen from what to do next.
enum CallEnd: Equatable {
    case done
    /// Worth another call, if attempts are left.
    case failed(CallFailure)
    /// No other call would end differently.
    case refused(CallFailure)
    /// There was no call, for the function does not want the topic any more.
    case vanished(CallFailure)
    /// The connector is stopping, or the event went to another owner.
    case cancelled

    /// Judges a reply. A 404 is no proof that the function is gone, for a gateway that scales from zero answers so
    /// when its provider is down: while the map still lists the function, the call is worth another.
    init(_ reply: Reply, policy: @autoclosure () -> RetryPolicy) {
        if (200..<400).contains(reply.status) {
            self = .done
            return
        }
        let failure = CallFailure(
            status: reply.status, isPlatforms: reply.origin == .platform, retryAfter: reply.retryAfter,
            error: "status \(reply.status)")
        switch reply.status {
        case 404: self = .failed(failure)
        case let status where policy().codes.contains(status) || failure.isPlatforms: self = .failed(failure)
        default: self = .refused(failure)
        }
    }

    init(_ failure: InvocationFailure) {
        switch failure.kind {
        case .cancelled: self = .cancelled
        case .notSent, .timedOut, .connectionLost, .badReply:
            self = .failed(CallFailure(status: nil, isPlatforms: false, retryAfter: nil, error: failure.message))
        }
    }
}

/// A call that the function did not take.
struct CallFailure: Equatable {
    /// `nil` if there was no reply.
    var status: Int?
    /// The platform, not the function, made the status.
    var isPlatforms: Bool
    var retryAfter: Duration?
    var error: String

    static let noLongerSubscribed = CallFailure(
        status: nil, isPlatforms: false, retryAfter: nil, error: "the function is not subscribed to the topic any more")
}
