// What must hold in a run, and what must come about in some run: for code under test and for those who test it.

/// The checks of one simulated run.
///
///     checks.always(balance >= 0, "an account is never overdrawn")
///     checks.sometimes(retries > 0, "a request is repeated")
///     checks.reached("a leader steps down")
///
/// An `always` that fails ends nothing by itself; the run goes on, and its report names the first failure. `sometimes`
/// and `reached` are judged over many runs: `CheckReport.merge` adds them up.
public final class Checks: Sendable {
    private let executor: SeededExecutor
    private let content = Confined(CheckReport())

    public init(_ executor: SeededExecutor) { self.executor = executor }

    public var report: CheckReport { content.value }

    /// Must be true whenever it is asked.
    @discardableResult
    public func always(_ condition: Bool, _ name: String, _ detail: @autoclosure () -> String = "") -> Bool {
        content.value.always[name, default: 0] += 1
        guard !condition else { return true }
        if content.value.failures.count < CheckReport.failureLimit {
            content.value.failures.append(CheckReport.Failure(name: name, detail: detail(), time: executor.now))
        }
        return false
    }

    /// Must be true at least once, in one of many runs.
    @discardableResult
    public func sometimes(_ condition: Bool, _ name: String) -> Bool {
        content.value.sometimes[name, default: 0] += condition ? 1 : 0
        return condition
    }

    /// Must be come by at least once, in one of many runs.
    public func reached(_ name: String) { content.value.reached[name, default: 0] += 1 }
}

/// What the checks of one run, or of many, have seen.
public struct CheckReport: Sendable, Equatable {
    /// An `always` that was false.
    public struct Failure: Sendable, Equatable, CustomStringConvertible {
        public var name: String
        public var detail: String
        /// Of virtual time.
        public var time: Duration

        public var description: String { "\(name)\(detail.isEmpty ? "" : ": \(detail)") (at \(time))" }
    }

    static let failureLimit = 100

    /// How often each was asked.
    public var always: [String: Int] = [:]
    /// How often each was true; 0 if it was only ever false.
    public var sometimes: [String: Int] = [:]
    public var reached: [String: Int] = [:]
    public var failures: [Failure] = []

    public init() {}

    /// Adds what another run has seen.
    public mutating func merge(_ other: CheckReport) {
        always.merge(other.always, uniquingKeysWith: +)
        sometimes.merge(other.sometimes, uniquingKeysWith: +)
        reached.merge(other.reached, uniquingKeysWith: +)
        failures += other.failures.prefix(max(0, Self.failureLimit - failures.count))
    }

    /// The `sometimes` that never were true, in order.
    public var neverTrue: [String] { sometimes.filter { $0.value == 0 }.keys.sorted() }
}
