internal import DequeModule
internal import KafkaProtocol
internal import NIOCore

/// What clients have pushed about themselves, and when (KIP-714).
struct Telemetry: Sendable {
    struct Push: Sendable {
        let clientInstanceID: UniqueID
        let clientID: String?
        let isLast: Bool
        /// By Kafka's numbers for record batches.
        let compression: Int8
        let metrics: ByteBuffer
    }

    /// What a client was told, and what it did since.
    struct Client: Sendable {
        var subscriptionID: Int32
        var lastPush: Duration?
        var isGone = false
    }

    /// The latest, oldest first.
    private(set) var pushes: Deque<Push> = []
    /// For look-ups only.
    private var clients: [UniqueID: Client] = [:]

    static let pushesKept = 100
    static let clientsKept = 10_000
    /// Bytes of one push (Kafka: `telemetry.max.bytes`).
    static let maxBytes = 1024 * 1024

    subscript(id: UniqueID) -> Client? {
        get { clients[id] }
        set {
            if clients.count >= Self.clientsKept, clients[id] == nil { clients.removeAll() }
            clients[id] = newValue
        }
    }

    mutating func add(_ push: Push) {
        if pushes.count == Self.pushesKept { pushes.removeFirst() }
        pushes.append(push)
    }
}
