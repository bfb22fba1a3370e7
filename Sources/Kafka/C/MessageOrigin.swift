/// What all messages of a topic share. Keeps the client alive, for they point into its memory.
final class MessageOrigin: Sendable {
    let topic: String
    let client: Client

    init(topic: String, client: Client) {
        self.topic = topic
        self.client = client
    }
}

/// Finds the origin of a message without making a text of its topic's name each time.
@safe struct MessageOrigins {
    private let client: Client
    private var originsByTopic: [String: MessageOrigin] = [:]
    /// By librdkafka's own object. Good for one batch: its messages keep their topics where they are.
    private var seenInBatch: [(identity: OpaquePointer, origin: MessageOrigin)]

    init(client: Client) {
        self.client = client
        unsafe seenInBatch = []
    }

    mutating func beginBatch() { unsafe seenInBatch.removeAll(keepingCapacity: true) }

    /// `nil` only for what belongs to no topic, such as some errors.
    mutating func origin(of message: borrowing RawMessage) -> MessageOrigin? {
        guard let identity = unsafe message.topicIdentity else { return nil }
        if let seen = unsafe seenInBatch.last(where: { unsafe $0.identity == identity }) {
            return unsafe seen.origin
        }
        guard let topic = message.topicName else { return nil }
        let origin = originsByTopic[topic] ?? MessageOrigin(topic: topic, client: client)
        originsByTopic[topic] = origin
        unsafe seenInBatch.append((identity, origin))
        return origin
    }
}
