internal import Synchronization
internal import Threads

/// Moves a client to its thread without a reference staying behind.
final class ClientSlot: Sendable {
    private let client: Mutex<Client?>

    init(_ client: Client) { self.client = Mutex(client) }

    func take() -> Client? { client.withLock { $0.take() } }
}

extension Client {
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
