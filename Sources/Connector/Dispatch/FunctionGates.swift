// Decides whether a function may be called now, or has as many calls under way as its annotation allows. A value:
// waiters are numbers, whoever waits keeps the continuation.

import DequeModule

struct FunctionGates {
    typealias Waiter = UInt64

    private struct Gate {
        var running = 0
        var waiters: Deque<Waiter> = []
    }

    /// Only functions with a call under way. Only looked up.
    private var gates: [FunctionName: Gate] = [:]
    private var nextWaiter: Waiter = 0

    enum EnterAction: Equatable {
        case go
        case wait(Waiter)
    }

    mutating func enter(_ function: FunctionName, limit: Int) -> EnterAction {
        var gate = gates[function] ?? Gate()
        defer { gates[function] = gate }
        guard gate.running >= limit else {
            gate.running += 1
            return .go
        }
        nextWaiter += 1
        gate.waiters.append(nextWaiter)
        return .wait(nextWaiter)
    }

    /// A call ended; answers who may call in its place: nobody, while more run than `limit`, which may
    /// have been lowered since.
    mutating func leave(_ function: FunctionName, limit: Int?) -> Waiter? {
        guard var gate = gates[function] else { return nil }
        gate.running -= 1
        if gate.running < limit ?? .max, let waiter = gate.waiters.popFirst() {
            gate.running += 1
            gates[function] = gate
            return waiter
        }
        gates[function] = gate.running == 0 ? nil : gate
        return nil
    }
}
