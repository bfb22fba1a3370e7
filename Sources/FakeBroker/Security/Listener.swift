extension FakeBroker {
    /// One of the doors that every broker has, each on a port of its own. Clients that come in through one are told
    /// the brokers' addresses behind the same.
    public struct Listener: Sendable, Equatable {
        public enum SecurityProtocol: String, Sendable, CaseIterable, CustomStringConvertible {
            case plaintext = "PLAINTEXT"
            case ssl = "SSL"
            case saslPlaintext = "SASL_PLAINTEXT"
            case saslSSL = "SASL_SSL"

            public var description: String { rawValue }
            var usesTLS: Bool { self == .ssl || self == .saslSSL }
            var usesSASL: Bool { self == .saslPlaintext || self == .saslSSL }
        }

        /// Whether clients show certificates (Kafka: `ssl.client.auth`).
        public enum ClientCertificates: String, Sendable {
            case none
            /// Who shows one must prove it; who shows none is anonymous.
            case requested
            case required
        }

        /// Unique in the cluster.
        public var name: String
        public var securityProtocol: SecurityProtocol
        /// The port of each broker, in the order of their ids; 0, or none given, is any free port. For the first
        /// listener ``Configuration/ports`` counts if there are none here.
        public var ports: [Int]
        /// What clients may authenticate with, where the protocol has SASL.
        public var mechanisms: [SASLMechanism]
        /// Where the protocol has TLS. With SSL the certificate says who the client is, as `User:` and its subject.
        public var clientCertificates: ClientCertificates

        /// - Parameter name: nil: the protocol's.
        public init(
            _ securityProtocol: SecurityProtocol, name: String? = nil, ports: [Int] = [],
            mechanisms: [SASLMechanism] = SASLMechanism.allCases, clientCertificates: ClientCertificates = .none
        ) {
            self.name = name ?? securityProtocol.rawValue
            self.securityProtocol = securityProtocol
            self.ports = ports
            self.mechanisms = mechanisms
            self.clientCertificates = clientCertificates
        }
    }
}
