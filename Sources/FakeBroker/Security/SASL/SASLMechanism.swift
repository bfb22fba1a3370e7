extension FakeBroker {
    /// A way to prove who one is, by the name that it has on the wire.
    public enum SASLMechanism: String, Sendable, Hashable, CaseIterable, CustomStringConvertible {
        /// Name and password as they are (RFC 4616).
        case plain = "PLAIN"
        /// Proof of a password without sending it (RFC 5802, RFC 7677).
        case scramSHA256 = "SCRAM-SHA-256"
        case scramSHA512 = "SCRAM-SHA-512"
        /// A token of an OAuth 2 server (RFC 7628, KIP-255).
        case oauthBearer = "OAUTHBEARER"

        public var description: String { rawValue }
    }
}
