/// Functions that want one topic and allow only so many calls at once (`com.openfaas.connector.max_in_flight`).
final class FunctionLimits: Sendable {
    let functions: [(name: FunctionName, limit: Int)]

    /// `nil` if none of the subscriptions has a limit of its own.
    init?(_ subscriptions: some Sequence<Subscription>) {
        functions = subscriptions.compactMap { subscription in
            subscription.maxInFlight.map { (subscription.function, $0) }
        }
        if functions.isEmpty { return nil }
    }
}

/// How many events in hand each of these functions is to get. A value.
struct FunctionLoads {
    /// Only looked up.
    private var events: [FunctionName: Int] = [:]

    /// Whether one more event would wait for one of the functions.
    func areFull(_ limits: FunctionLimits) -> Bool {
        limits.functions.contains { (events[$0.name] ?? 0) >= $0.limit }
    }

    mutating func enter(_ limits: FunctionLimits) {
        for function in limits.functions { events[function.name, default: 0] += 1 }
    }

    mutating func leave(_ limits: FunctionLimits) {
        for function in limits.functions {
            let left = (events[function.name] ?? 1) - 1
            events[function.name] = left == 0 ? nil : left
        }
    }
}
