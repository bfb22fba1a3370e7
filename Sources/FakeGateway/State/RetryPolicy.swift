import GoDuration
import HTTP
import SeededRandom

/// When the queue's worker tries a call again (Pro). Source: docs/openfaas.md, "Async semantics".
public struct RetryPolicy: Sendable, Equatable {
    /// How the time between two tries is drawn.
    public enum Jitter: Sendable {
        /// Not at all: it doubles.
        case exponential
        /// From nothing to the doubled time.
        case full
        /// From its half to all of it.
        case equal
    }

    /// Tries in all, the first one included.
    public var attempts = 10
    /// Statuses of a function that are worth another try.
    public var codes: [Int] = [429, 502, 500, 504, 408]
    public var minWait = Duration.seconds(10)
    public var maxWait = Duration.seconds(120)
    public var jitter = Jitter.full

    public init() {}

    /// What a function's annotations say, and this where they say nothing that can be read.
    func applying(_ annotations: [String: String]?) -> RetryPolicy {
        func value(_ name: String) -> String? { annotations?["com.openfaas.retry.\(name)"] }
        var policy = self
        if let attempts = value("attempts").flatMap(Int.init), attempts >= 0 { policy.attempts = attempts }
        if let codes = value("codes") {
            policy.codes = codes.split(separator: ",").compactMap { text in Int(text.filter { $0 != " " }) }
        }
        if let wait = value("min_wait").flatMap(Duration.init(goDuration:)) { policy.minWait = wait }
        if let wait = value("max_wait").flatMap(Duration.init(goDuration:)) { policy.maxWait = wait }
        return policy
    }

    /// Whether a reply is worth another try; `nil` is none that came.
    func retries(_ reply: HTTPServerReply?, after attempts: Int) -> Bool {
        guard attempts < self.attempts else { return false }
        guard let reply else { return true }
        let isPlatform = reply.headers.contains { $0.name.lowercased() == "x-openfaas-internal" }
        return codes.contains(reply.status) || (reply.status >= 400 && isPlatform)
    }

    /// - Parameter retryAfter: What the function asked for, in seconds.
    func wait(after attempts: Int, retryAfter: Int?, _ generator: inout SeededGenerator) -> Duration {
        if let retryAfter { return max(minWait, .seconds(min(retryAfter, 86_400))) }
        var wait = minWait
        for _ in 1..<max(1, min(attempts, 64)) where wait < maxWait { wait += wait }
        wait = min(wait, maxWait)
        let nanoseconds = max(1, wait.wholeNanoseconds)
        switch jitter {
        case .exponential: return wait
        case .full: return max(minWait, .nanoseconds(Int64.random(in: 0...nanoseconds, using: &generator)))
        case .equal:
            return max(minWait, .nanoseconds(Int64.random(in: nanoseconds / 2...nanoseconds, using: &generator)))
        }
    }
}
