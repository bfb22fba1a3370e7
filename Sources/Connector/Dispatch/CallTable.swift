// Which functions are being called for which events. A value: it calls nothing and waits for nothing.

/// A function that wants the events of a topic, and the way of its calls.
final class CallTarget: Sendable {
    let subscription: Subscription
    let route: CallRoute

    var function: FunctionName { subscription.function }

    init(_ subscription: Subscription, _ route: CallRoute) {
        self.subscription = subscription
        self.route = route
    }
}

/// An event on its way to its functions. Lives on the connector's executor.
final class EventUnderWay {
    let item: EventInHand
    let targets: [CallTarget]
    /// Functions that have neither taken the event nor been given up.
    private(set) var open: Int
    /// `false` once a call was interrupted: the event must be delivered again.
    private(set) var isTaken = true

    init(_ item: EventInHand, to targets: [CallTarget]) {
        self.item = item
        self.targets = targets
        open = targets.count
    }

    /// One function is done with the event; answers whether it was the last.
    func close(isTaken: Bool) -> Bool {
        precondition(open > 0, "a function ended twice")
        open -= 1
        self.isTaken = self.isTaken && isTaken
        return open == 0
    }
}

/// The functions that are being called, by numbers that are used again.
struct CallTable {
    struct Call {
        let underWay: EventUnderWay
        let target: CallTarget
        /// By the connector's clock.
        let start: Duration

        var event: Event { underWay.item.event }
    }

    private var calls = NumberedTable<Call>()

    mutating func add(_ call: Call) -> Int { calls.add(call) }

    subscript(_ number: Int) -> Call {
        guard let call = calls[number] else { preconditionFailure("call \(number) ended twice") }
        return call
    }

    /// The call has come to its end.
    mutating func remove(_ number: Int) -> EventUnderWay {
        guard let call = calls.remove(number) else { preconditionFailure("call \(number) ended twice") }
        return call.underWay
    }
}
