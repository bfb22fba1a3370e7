/// What a control call or the start of a ``FakeBroker`` can fail with.
public struct FakeBrokerError: Error, Sendable, CustomStringConvertible {
    enum Code: Sendable, Equatable {
        case invalidConfiguration
        case invalidFaultPlan
        case cannotListen
        case unknownTopic
        case unknownPartition
        case unknownBroker
        case unknownListener
        case noAuthorizer
        case refused
        case unreadable
        case shutDown
    }

    let code: Code
    /// What failed, where, and what to do.
    public let message: String
    /// What lies beneath, if anything does.
    public let cause: (any Error)?
    /// Of a fault plan that cannot be used: for those who know in which line of which file it stands.
    package let fault: InvalidFault?

    init(_ code: Code, _ message: String, cause: (any Error)? = nil, fault: InvalidFault? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
        self.fault = fault
    }

    package struct InvalidFault: Sendable {
        /// From the plan on, such as `[0].act.fail`.
        package let path: String
        /// A key at that place that is none.
        package let key: String?
        /// What is there, in words.
        package let value: String
        package let accepted: String
    }

    public var description: String {
        cause.map { "\(message) (\($0))" } ?? message
    }

    static func invalid(_ field: String, _ value: String, accepted: String) -> FakeBrokerError {
        FakeBrokerError(
            .invalidConfiguration, "FakeBroker.Configuration.\(field) is \(value); accepted are \(accepted).")
    }

    static func cannotListen(
        broker: Int, _ configuration: FakeBroker.Configuration, _ cause: any Error
    ) -> FakeBrokerError {
        let ports = configuration.security.listeners.indices.map { listener in
            "\(configuration.host):\(configuration.port(ofBroker: broker, listener: listener))"
        }
        return FakeBrokerError(
            .cannotListen,
            "Broker \(broker) cannot listen on \(ports.joined(separator: " and ")). Choose an address of this machine "
                + "and ports that are free, or 0.", cause: cause)
    }

    static let shutDown = FakeBrokerError(.shutDown, "The FakeBroker has been shut down. Start another.")

    static func unknownListener(_ name: String, _ listeners: [FakeBroker.Listener]) -> FakeBrokerError {
        FakeBrokerError(
            .unknownListener,
            "There is no listener '\(name)'; there are \(listeners.map(\.name).joined(separator: ", ")).")
    }

    static let noAuthorizer = FakeBrokerError(
        .noAuthorizer, "The cluster has no authorizer. Set FakeBroker.Configuration.security.authorization.")

    static func unknownTopic(_ topic: String) -> FakeBrokerError {
        FakeBrokerError(.unknownTopic, "There is no topic '\(topic)'. Create it first.")
    }

    static func unknownPartition(_ partition: Int, of topic: String, count: Int) -> FakeBrokerError {
        FakeBrokerError(
            .unknownPartition, "Topic '\(topic)' has no partition \(partition); it has 0 to \(count - 1).")
    }

    static func unknownBroker(_ id: Int, among ids: [Int32]) -> FakeBrokerError {
        let known = ids.map { "\($0)" }.joined(separator: ", ")
        return FakeBrokerError(.unknownBroker, "There is no broker \(id); there are \(known).")
    }
}
