// RabbitMQ as a source of events: a queue is a topic.
//
// It keeps what the connector and the thread of `RabbitMQLoop` share: commands one way, events the other. It may never
// hand over an event whose acknowledgement RabbitMQ has not taken, nor block a thread of Swift's pool. Contract:
// Connector's `EventSource`.

package import Connector
package import Logging
internal import Synchronization
internal import Threads

package final class RabbitMQSource: EventSource {
    package let kind = "rabbitmq"
    package let capabilities: SourceCapabilities
    package let attributeNames = ["Msg-Id", "Routing-Key"].map { "X-Rabbitmq-\($0)" }

    private let configuration: RabbitMQSourceConfiguration
    private let logger: Logger
    private let shared: Shared

    /// - Throws: If the system has no pipe left.
    package init(_ configuration: RabbitMQSourceConfiguration, logger: Logger) throws {
        self.configuration = configuration
        self.logger = logger
        capabilities = SourceCapabilities(
            settlement: .individual, canPause: true, hasDeadLetters: configuration.deadLetterExchange != nil,
            canDelay: true)
        shared = try Shared(maxInFlight: configuration.maxInFlight)
    }

    deinit { shared.close(nil) }

    // MARK: Life

    package func start(topics: [String], notices: @escaping @Sendable (SourceNotice) -> Void) async throws {
        guard shared.start(topics, notices) else {
            throw RabbitMQError(.configuration, "the source was started before, or is closed")
        }
        let (configuration, shared, logger) = (configuration, shared, logger)
        Thread.detach("rabbitmq") { RabbitMQLoop(configuration, shared, logger).run() }
    }

    package func subscribe(to topics: [String]) async throws { shared.subscribe(to: topics) }

    package func drain() async { shared.drain() }

    package func close() async {
        await withCheckedContinuation { reply in shared.close(reply) }
    }

    // MARK: Events

    package func next(limit: Int) async throws -> [Event]? {
        let shared = shared
        let id = shared.newWait()
        let answer = await withTaskCancellationHandler {
            await withCheckedContinuation { reply in
                shared.wait(limit: max(1, limit), id, reply)
                // Cancelled before there was anything to cancel.
                if Task.isCancelled { shared.cancelWait(id) }
            }
        } onCancel: {
            shared.cancelWait(id)
        }
        return try answer.get()
    }

    package func acknowledge(_ batch: [Event]) async -> Acknowledgement {
        let (tags, ours) = shared.takeInHand(batch)
        var refused: [(reason: String, events: Int)] = []
        if ours.count < batch.count { refused.append(("revoked", batch.count - ours.count)) }
        guard !ours.isEmpty else { return Acknowledgement(acknowledged: [], refused: refused) }
        let taken = await withCheckedContinuation { reply in
            shared.post(.acknowledge(tags, reply))
        }
        let acknowledged = zip(ours, tags).filter { taken.contains($1) }.map(\.0)
        // RabbitMQ may have taken them and not said so.
        let unknown = ours.count - acknowledged.count
        if unknown > 0 { refused.append(("outcome-unknown", unknown)) }
        return Acknowledgement(acknowledged: acknowledged, refused: refused)
    }

    package func settle(_ settlements: [Settlement]) async { shared.settle(settlements) }

    package func holds(_ event: Event) -> Bool { shared.holds(event) }

    /// What the server sends ahead waits here, and it sends no more than the prefetch.
    package func pause(_ partitions: [SourcePartition]) async { shared.pause(partitions.map(\.topic)) }
    package func resume(_ partitions: [SourcePartition]) async { shared.resume(partitions.map(\.topic)) }
}
