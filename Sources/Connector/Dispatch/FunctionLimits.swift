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

/// A place at such functions: a lane's, for whichever of its events runs, or that of an event without a lane.
final class FunctionPlace: Sendable {
    let limits: FunctionLimits
    let partition: SourcePartition
    /// All were taken when it came. It counts as waiting to its end: who is next at a function is not known here.
    let waits: Bool

    init(_ limits: FunctionLimits, _ partition: SourcePartition, waits: Bool) {
        self.limits = limits
        self.partition = partition
        self.waits = waits
    }
}

/// How many places each function has given. A value.
struct FunctionLoads {
    /// Only looked up.
    private var places: [FunctionName: Int] = [:]

    /// Whether one of the functions has given as many places as it allows calls. An event that is for several holds one
    /// at each until all have had it.
    func areFull(_ limits: FunctionLimits) -> Bool {
        limits.functions.contains { (places[$0.name] ?? 0) >= $0.limit }
    }

    mutating func enter(_ limits: FunctionLimits) {
        for function in limits.functions { places[function.name, default: 0] += 1 }
    }

    mutating func leave(_ limits: FunctionLimits) {
        for function in limits.functions {
            let left = (places[function.name] ?? 1) - 1
            places[function.name] = left == 0 ? nil : left
        }
    }
}
