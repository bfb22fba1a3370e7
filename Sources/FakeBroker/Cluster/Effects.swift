internal import DequeModule
package import KafkaProtocol

/// How a reply goes wrong on its way.
package enum Delivery: Sendable, Equatable {
    /// So many bytes of the frame are sent, then the connection is closed.
    case torn(afterBytes: Int)
    /// So many bytes at a time, each so long after the last.
    case trickled(bytes: Int, every: Duration)
    /// These bits after the frame's length, modulo how many it has, are wrong.
    case corrupted(bits: [UInt64])
}

/// What a shell must do after an event, in this order. Data, so that a simulator may do it otherwise.
package struct Effects: Sendable {
    package enum Effect: Sendable {
        /// Send the response, and take the connection's next request.
        case reply(RequestContext, Response)
        /// Send nothing, and take the connection's next request.
        case finish(RequestContext)
        /// Close the connection, whatever it waits for.
        case close(ConnectionID, reason: String)

        // By a fault plan only:

        /// Send the response in this way; then take the connection's next request, if it is still open.
        case deliver(RequestContext, Response, Delivery)
        /// Break the connection off, so that the peer sees a reset.
        case reset(ConnectionID)
        /// Take nothing more from the connection for so long; nil: for ever.
        case stall(ConnectionID, Duration?)
    }

    private var queue: Deque<Effect> = []

    package init() {}

    package var list: [Effect] { Array(queue) }

    mutating func append(_ effect: consuming Effect) {
        queue.append(effect)
    }

    /// Hands one over, for who does nothing in between that asks for the next. What follows from it comes last.
    package mutating func next() -> Effect? { queue.popFirst() }

    /// Hands the effects over. What follows from carrying one out comes in a later list.
    package mutating func take() -> [Effect] {
        let taken = list
        queue.removeAll(keepingCapacity: true)
        return taken
    }
}
