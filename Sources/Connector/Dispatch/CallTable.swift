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

/// The events that are on their way to their functions, and the calls of these, both by numbers that are used again.
struct CallTable {
    struct Call {
        let event: Event
        let target: CallTarget
        /// By the connector's clock.
        let start: Duration
        fileprivate let eventNumber: Int
    }

    private struct EventUnderWay {
        let item: EventInHand
        /// Functions that have neither taken the event nor been given up.
        var open: Int
        /// `false` once a call was interrupted: the event must be delivered again.
        var isTaken = true
    }

    private var events = NumberedTable<EventUnderWay>()
    private var calls = NumberedTable<Call>()

    /// - Parameter functions: How many are to be called.
    /// - Returns: The event's number.
    mutating func begin(_ item: EventInHand, functions: Int) -> Int {
        events.add(EventUnderWay(item: item, open: functions))
    }

    /// - Returns: The call's number.
    mutating func add(_ event: Event, numbered eventNumber: Int, to target: CallTarget, start: Duration) -> Int {
        calls.add(Call(event: event, target: target, start: start, eventNumber: eventNumber))
    }

    subscript(_ number: Int) -> Call {
        guard let call = calls[number] else { preconditionFailure("call \(number) ended twice") }
        return call
    }

    /// One function is done with the event. Answers the event if it was the last, and whether all of them took it.
    mutating func close(_ number: Int, isTaken: Bool) -> (item: EventInHand, isTaken: Bool)? {
        guard let call = calls.remove(number) else { preconditionFailure("call \(number) ended twice") }
        let open = events.change(call.eventNumber) { event in
            event?.open -= 1
            if !isTaken { event?.isTaken = false }
            return event?.open
        }
        guard let open else { preconditionFailure("an event ended before its calls") }
        guard open == 0, let ended = events.remove(call.eventNumber) else { return nil }
        return (ended.item, ended.isTaken)
    }
}
