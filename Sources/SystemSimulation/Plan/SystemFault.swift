/// What goes wrong in the system, and with which part of it.
public struct SystemFault: Codable, Hashable, Sendable, CustomStringConvertible {
    public enum Kind: String, Codable, CaseIterable, Sendable {
        // Replicas of the connector
        /// The process is gone, its memory lost; it starts again at the fault's end.
        case crashReplica
        /// It is asked to stop, and starts again when it has, at the fault's end or later.
        case stopReplica
        /// Its clock goes `amount` percent as fast as the others.
        case skewClock

        // The network between a replica (`target`) and a peer
        case partition
        /// Nothing reaches the peer; what it sends arrives.
        case partitionOutward
        /// Nothing arrives from the peer.
        case partitionInward
        case halfOpen
        case resetConnections
        /// Latency grows `amount` times.
        case slowLink
        /// `amount` percent of packets are lost.
        case lossyLink

        // Brokers (`target`)
        case crashBroker
        /// Each request is late by up to `amount` ms.
        case slowBroker
        /// The next `amount` requests about groups fail with NOT_COORDINATOR or COORDINATOR_NOT_AVAILABLE.
        case coordinatorErrors
        /// The next `amount` commits take effect, and the connection is closed in place of the reply.
        case lostCommitReplies
        /// The next `amount` commits take effect, and the reply says that they timed out.
        case commitsTimeOut
        /// The next `amount` appends take effect, and the connection is closed in place of the reply.
        case lostProduceReplies
        /// Fetches find nothing.
        case emptyFetches
        /// Batches come with wrong checksums.
        case spoiledBatches
        /// The wall clock of all brokers jumps by `amount` seconds.
        case jumpBrokerClock

        // The gateway, and functions (`target`)
        case crashGateway
        /// `amount` percent of calls are answered with 503 by the platform.
        case gatewayErrors
        /// `amount` percent of calls run, but the connection ends without a reply.
        case lostReplies
        case slowGateway
        /// Listings fail.
        case listingErrors
        /// Listings are no JSON, or `null`.
        case spoiledListings
        case failingFunction
        case slowFunction
        /// It is removed, and deployed again at the fault's end.
        case removeFunction
        /// It loses its annotation, and gets it back at the fault's end.
        case unsubscribeFunction
    }

    public var kind: Kind
    /// Which replica, broker or function.
    public var target = 0
    /// For faults of the network: which broker, or -1 for the gateway.
    public var peer = 0
    public var amount = 0

    public init(_ kind: Kind, target: Int = 0, peer: Int = 0, amount: Int = 0) {
        self.kind = kind
        self.target = target
        self.peer = peer
        self.amount = amount
    }

    public var description: String {
        switch kind {
        case .partition, .partitionOutward, .partitionInward, .halfOpen, .resetConnections, .slowLink, .lossyLink:
            "\(kind.rawValue) replica \(target) – \(peer < 0 ? "gateway" : "broker \(peer + 1)") \(amountText)"
        case .crashReplica, .stopReplica, .skewClock: "\(kind.rawValue) replica \(target) \(amountText)"
        case .crashBroker, .slowBroker: "\(kind.rawValue) broker \(target + 1) \(amountText)"
        case .failingFunction, .slowFunction, .removeFunction, .unsubscribeFunction:
            "\(kind.rawValue) f\(target) \(amountText)"
        default: "\(kind.rawValue) \(amountText)"
        }
    }

    private var amountText: String { amount == 0 ? "" : "(\(amount))" }
}
