/// How RabbitMQ keeps a queue.
package enum QueueType: String, CaseIterable, Sendable {
    /// It forgets acknowledgements when the server is killed, and delivers those messages again.
    case classic
    /// It logs acknowledgements, and tells when it has: none is lost with a killed server.
    case quorum
}

/// What a `RabbitMQSource` is made of.
package struct RabbitMQSourceConfiguration: Equatable, Sendable {
    package var server: RabbitMQServer
    /// The most events that are handed out and not settled; the prefetch follows from it.
    package var maxInFlight: Int
    /// Where queues that this source makes send what is rejected. Queues that exist stay as they were made.
    package var deadLetterExchange: String?
    /// Of queues that this source makes.
    package var queueType = QueueType.quorum
    /// The longest wait before another attempt to connect; the first is a hundredth of it.
    package var longestBackoff = Duration.seconds(10)

    package init(server: RabbitMQServer, maxInFlight: Int, deadLetterExchange: String? = nil) {
        self.server = server
        self.maxInFlight = max(1, maxInFlight)
        self.deadLetterExchange = deadLetterExchange
    }

    /// Of each of so many queues, so that what the server sends ahead is bounded for all of them together.
    func prefetch(queues: Int) -> UInt16 { UInt16(clamping: max(1, maxInFlight / max(1, queues))) }
}
