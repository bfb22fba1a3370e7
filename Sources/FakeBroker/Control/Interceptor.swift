internal import KafkaProtocol

extension FakeBroker {
    /// Looks at each request before it is handled, and says what shall become of it. Called on the brokers' thread,
    /// one request at a time: it must not wait, nor call the `FakeBroker`.
    public typealias Interceptor = @Sendable (InterceptedRequest) -> Interception

    /// A request that has come in, as an ``Interceptor`` sees it.
    public struct InterceptedRequest: Sendable {
        /// Kafka's name of the API, such as `Produce`.
        public let api: String
        public let apiVersion: Int
        /// The node id of the broker that was asked.
        public let broker: Int
        public let connection: UInt64
        public let clientID: String?
        public let correlationID: Int
        /// Since the cluster's start.
        public let time: Duration
    }

    /// What becomes of an intercepted request.
    public enum Interception: Sendable, Equatable {
        /// It is handled as if nobody had looked; the ``FaultPlan`` may yet meet it.
        case handle
        /// It is not handled; every part of the reply says this error.
        case fail(KafkaError)
        /// It is handled so much later. The connection's later requests wait behind it.
        case delay(Duration)
        /// It is not handled, and never answered. Later requests on the connection are.
        case drop
        /// It is not handled, and its connection closed.
        case close
    }
}

extension Cluster {
    mutating func intercept(
        _ request: Request, from context: RequestContext, by interceptor: FakeBroker.Interceptor,
        effects: inout Effects
    ) {
        let seen = FakeBroker.InterceptedRequest(
            api: context.apiKey.name, apiVersion: Int(context.apiVersion), broker: Int(context.broker),
            connection: context.connection.rawValue, clientID: context.clientID,
            correlationID: Int(context.correlationID), time: now.elapsed)
        switch interceptor(seen) {
        case .handle:
            meet(request, from: context, effects: &effects)
        case .fail(let error):
            fail(request, from: context, with: error.code, effects: &effects)
        case .delay(let duration):
            meet(request, from: context, delay: duration, effects: &effects)
        case .drop:
            journal.end(context.number, .dropped, at: now)
            effects.append(.finish(context))
        case .close:
            close(context, reason: "an interceptor said so", effects: &effects)
        }
    }
}
