internal import Logging
internal import Synchronization
internal import Threads

/// Moves a client to its thread without a reference staying behind.
final class ClientSlot: Sendable {
    private let client: Mutex<Client?>

    init(_ client: Client) { self.client = Mutex(client) }

    func take() -> Client? { client.withLock { $0.take() } }
}

extension Client {
    /// No fault of librdkafka's is to keep a process alive that is to end.
    static let endTimeout = Duration.seconds(10)

    /// Gives up a reference as `release`, but waits no longer than `endTimeout`. For a thread that may block.
    static func end(_ client: inout Client?, logger: Logger) {
        let last = client.map(ClientSlot.init)
        client = nil
        let hasEnded = Thread.run("kafka-end", within: endTimeout) {
            var client = last?.take()
            Client.release(&client)
        }
        if !hasEnded { logger.warning("librdkafka does not end: its threads are left to the end of the process") }
    }

    /// Lets `body`, which may block, ask on a thread of its own, and gives what it found to `end`. By then the thread
    /// holds the client no more: who closes it after that has closed it.
    func ask<R: Sendable>(
        _ thread: String, _ body: @escaping @Sendable (Client) -> R, end: @escaping @Sendable (R) -> Void
    ) {
        let slot = ClientSlot(self)
        Thread.detach(thread) {
            var client = slot.take()
            guard let found = client.map(body) else { return }
            Client.release(&client)
            end(found)
        }
    }
}
