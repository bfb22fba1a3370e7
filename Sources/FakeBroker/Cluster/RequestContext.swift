package import KafkaProtocol

/// A TCP connection, or a simulated one; never used twice.
package struct ConnectionID: Hashable, Comparable, Sendable {
    package let rawValue: UInt64

    package init(_ rawValue: UInt64) {
        self.rawValue = rawValue
    }

    package static func < (left: ConnectionID, right: ConnectionID) -> Bool {
        left.rawValue < right.rawValue
    }
}

/// Who asked: everything needed to answer a request now or later.
package struct RequestContext: Hashable, Sendable {
    package var connection: ConnectionID
    /// The node id of the broker that was asked.
    package var broker: Int32
    package var apiKey: APIKey
    package var apiVersion: Int16
    package var correlationID: Int32
    package var clientID: String?
    /// The peer's address as Kafka writes it in group descriptions, e.g. `/127.0.0.1`.
    package var clientHost: String
    /// Where in the settings the listener stands that the connection came in by.
    package var listener: Int
    /// Whether this is a token of SASL without a request around it; so is its answer.
    package var isBareToken = false
    /// Who asks; set when it is handled.
    var principal = Principal.anonymous
    /// Which of the cluster's requests it is, for the journal; set when it is handled.
    var number: UInt64 = 0
    /// Bytes of records that it carries, where quotas are measured.
    var payloadBytes = 0
    /// What a fault plan has in store for its reply.
    var fault: FaultAction?
    /// The topics that the fault is about; nil: all of the request.
    var faultTopics: TopicSelection?

    package init(
        connection: ConnectionID, broker: Int32, apiKey: APIKey, apiVersion: Int16, correlationID: Int32,
        clientID: String?, clientHost: String = "/127.0.0.1", listener: Int = 0
    ) {
        self.connection = connection
        self.broker = broker
        self.apiKey = apiKey
        self.apiVersion = apiVersion
        self.correlationID = correlationID
        self.clientID = clientID
        self.clientHost = clientHost
        self.listener = listener
    }
}
