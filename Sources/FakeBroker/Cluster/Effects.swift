package import KafkaProtocol

/// What a shell must do after an event, in this order. Data, so that a simulator may do it otherwise.
package struct Effects: Sendable {
    package enum Effect: Sendable {
        /// Send the response, and take the connection's next request.
        case reply(RequestContext, Response)
        /// Send nothing, and take the connection's next request.
        case finish(RequestContext)
        /// Close the connection, whatever it waits for.
        case close(ConnectionID, reason: String)
    }

    package private(set) var list: [Effect] = []

    package init() {}

    mutating func append(_ effect: Effect) {
        list.append(effect)
    }

    /// Hands the effects over. What follows from carrying one out comes in a later list.
    package mutating func take() -> [Effect] {
        let taken = list
        list = []
        return taken
    }
}
