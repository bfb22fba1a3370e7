internal import Synchronization

/// Moves a client to its thread without a reference staying behind.
final class ClientSlot: Sendable {
    private let client: Mutex<Client?>

    init(_ client: Client) { self.client = Mutex(client) }

    func take() -> Client? { client.withLock { $0.take() } }
}
