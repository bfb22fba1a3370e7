import GoDuration
import NIOHTTP1
import OrderedCollections

// Replicas: how many are wanted, and how many are there yet.

/// How a function may scale, from its labels. What cannot be read counts as absent.
/// Source: docs/openfaas.md, "Sync invocation".
struct ScaleLabels {
    let min: Int
    let max: Int
    /// Percent of `max` that one alert adds.
    let factor: Int
    /// Pro: after how long without a call the function goes to zero; `nil` is never.
    let idleAfter: Duration?

    init(_ labels: [String: String]?) {
        func number(_ name: String, _ range: ClosedRange<Int>, or usual: Int) -> Int {
            guard let value = labels?["com.openfaas.scale.\(name)"].flatMap(Int.init), range.contains(value) else {
                return usual
            }
            return value
        }
        min = number("min", 0...100_000, or: 1)
        max = Swift.max(min, number("max", 1...100_000, or: Swift.max(min, 5)))
        factor = number("factor", 0...100, or: 10)
        if labels?["com.openfaas.scale.zero"] == "true" {
            let text = labels?["com.openfaas.scale.zero-duration"]
            idleAfter = text.flatMap(Duration.init(goDuration:)) ?? .seconds(900)
        } else {
            idleAfter = nil
        }
    }
}

extension GatewayState {
    /// Deploys or replaces a function, with its first replicas.
    mutating func place(_ function: DeployedFunction, _ key: FunctionKey) {
        var function = function
        function.generation = (functions[key]?.generation ?? 0) + 1
        function.replicas = 0
        function.availableReplicas = 0
        functions[key] = function
        setReplicas(key, max(1, ScaleLabels(function.deployment.labels).min))
        watchIdleness(key)
    }

    /// More replicas are available after the cold start; fewer at once.
    mutating func setReplicas(_ key: FunctionKey, _ replicas: Int) {
        guard let function = functions[key] else { return }
        let coldStart = function.coldStart ?? settings.coldStart
        functions[key]?.replicas = replicas
        functions[key]?.generation += 1
        if replicas <= function.availableReplicas || coldStart <= .zero {
            functions[key]?.availableReplicas = replicas
        } else {
            timers.add(.available(key, generation: function.generation + 1), at: now.advanced(by: coldStart))
        }
    }

    mutating func becomeAvailable(_ key: FunctionKey, _ generation: Int) {
        guard let function = functions[key], function.generation == generation else { return }
        functions[key]?.availableReplicas = function.replicas
    }

    // MARK: To and from zero

    /// How often, and how many times, the gateway looks whether a replica has come.
    private static let pollInterval = Duration.milliseconds(100)
    private static let maxPolls = 1000

    /// Starts a replica of a function that has none, and lets the request wait for it.
    mutating func scaleFromZero(_ key: FunctionKey, _ pending: PendingRequest) {
        if let function = functions[key], function.replicas == 0 {
            setReplicas(key, max(1, ScaleLabels(function.deployment.labels).min))
        }
        guard functions[key]?.availableReplicas == 0 else { return forward(pending) }
        timers.add(.poll(pending, polls: 1), at: now.advanced(by: Self.pollInterval))
    }

    mutating func poll(_ pending: PendingRequest, _ polls: Int) {
        if let function = functions[pending.called.key], function.availableReplicas == 0, polls < Self.maxPolls {
            timers.add(.poll(pending, polls: polls + 1), at: now.advanced(by: Self.pollInterval))
        } else {
            forward(pending)
        }
    }

    /// Pro: looks again when the function may have been idle for its time.
    mutating func watchIdleness(_ key: FunctionKey) {
        guard settings.edition == .pro, let function = functions[key], function.inFlight == 0,
            let idleAfter = ScaleLabels(function.deployment.labels).idleAfter
        else { return }
        timers.add(.idle(key, calls: function.calls), at: now.advanced(by: idleAfter))
    }

    mutating func scaleToZeroIfIdle(_ key: FunctionKey, _ calls: Int) {
        guard let function = functions[key], function.calls == calls, function.inFlight == 0 else { return }
        setReplicas(key, 0)
    }

    // MARK: What the metrics say of it

    private static let serviceCountInterval = Duration.seconds(5)

    mutating func refreshServiceCount() {
        metrics.serviceCount = functions.map { (name: $0.key.description, replicas: $0.value.replicas) }
        timers.add(.refreshServiceCount, at: now.advanced(by: Self.serviceCountInterval))
    }
}
