// A producer: hands messages to librdkafka and tells what became of each, exactly once.
//
// Messages are produced on the caller's thread; delivery reports come in batches on the producer's own. A full queue
// is backpressure, never a failure: who produces waits until reports made room.

package import Logging
internal import Synchronization
internal import Threads

package final class Producer: Sendable {
    private let shared: ProducerShared
    private let client: Mutex<Client?>

    /// Starts the client; it connects in the background, and a broker that is down is not an error.
    ///
    /// - Parameters:
    ///   - tokens: For OAUTHBEARER; `nil` leaves that to librdkafka.
    ///   - onEvent: Called on the producer's thread; must return at once.
    ///   - onDelivery: Called on the producer's thread with the reports of messages produced with a token; must return
    ///     at once, for it is what makes room.
    /// - Throws: What librdkafka does not accept.
    package init(
        configuration: Configuration, logger: Logger, tokens: TokenProvider? = nil,
        onEvent: @escaping @Sendable (ProducerEvent) -> Void = { _ in },
        onDelivery: @escaping @Sendable (Span<DeliveryReport>) -> Void = { _ in }
    ) throws(ConfigurationError) {
        var configuration = configuration
        configuration.setDefault("log_level", to: String(logger.logLevel.syslog))
        let prepared = try ClientConfiguration.checked(configuration)
        prepared.enableEvents(for: .producer, tokens: tokens != nil)
        let client = try prepared.makeClient(.producer, using: [])
        client.forwardLogToMainQueue()
        let shared = ProducerShared()
        self.shared = shared
        self.client = Mutex(client)
        let loop = ProducerLoop(
            shared: shared, logger: logger, tokens: tokens, onEvent: onEvent, onDelivery: onDelivery)
        let slot = ClientSlot(client)
        Thread.detach("kafka-producer") {
            var client = slot.take()
            if let client { loop.run(client) }
            // Topics that are still in use keep the client alive, and it ends with the last of them.
            Client.end(&client, logger: logger)
            shared.end()
        }
    }

    /// Nobody waits for reports any more.
    deinit {
        guard let client = client.withLock({ $0 }) else { return }
        shared.stop()
        Queue.main(of: client).interruptPoll()
    }

    /// A topic to produce to. Keeps the client alive.
    package func topic(_ name: String) throws(KafkaError) -> ProducerTopic {
        let client = try living(while: "opening topic \(name)")
        return ProducerTopic(name, handle: try TopicHandle(name, of: client), client: client, shared: shared)
    }

    /// How many partitions a topic has, asked of the brokers; some create a topic that is asked for.
    package func partitionCount(of topic: String, timeout: Duration) async throws(KafkaError) -> Int {
        let operation = "asking for topic \(topic)"
        let client = try living(while: operation)
        return try await Thread.blocking {
            Result { () throws(KafkaError) in
                try client.partitionCount(of: topic, timeout: timeout, while: operation)
            }
        }.get()
    }

    /// Lets new connections log in with these (PLAIN and SCRAM); those that are open stay.
    package func setCredentials(user: String, password: String) throws(KafkaError) {
        try living(while: "setting new SASL credentials").setCredentials(user: user, password: password)
    }

    /// Waits until every message so far has its report.
    /// - Throws: `_TIMED_OUT` if some have none within `timeout`; they keep trying.
    package func flush(timeout: Duration) async throws(KafkaError) {
        let operation = "flushing"
        let client = try living(while: operation)
        try await Self.flush(client, timeout, operation)
    }

    private static func flush(_ client: Client, _ timeout: Duration, _ operation: String) async throws(KafkaError) {
        try await Thread.blocking {
            Result { () throws(KafkaError) in try client.flush(timeout: timeout, while: operation) }
        }.get()
    }

    /// Flushes, then gives up what is not delivered within `timeout`: it is reported as purged. Idempotent; returns
    /// once every message is reported.
    package func close(timeout: Duration = .seconds(10)) async {
        if let client = client.withLock({ $0.take() }) {
            await shared.closeGate()
            await Self.empty(client, within: timeout)
            shared.stop()
            Queue.main(of: client).interruptPoll()
        }
        await shared.waitForEnd()
    }

    private static func empty(_ client: Client, within timeout: Duration) async {
        let operation = "closing the producer"
        do throws(KafkaError) {
            try await flush(client, timeout, operation)
        } catch {
            client.purge()
            // What was purged is reported at once.
            try? await flush(client, .seconds(10), operation)
        }
    }

    /// What waits for brokers, on a thread of its own.
    func blocking(
        _ operation: String, _ body: @escaping @Sendable (Client, String) throws(KafkaError) -> Void
    ) async throws(KafkaError) {
        let client = try living(while: operation)
        try await Thread.blocking {
            Result { () throws(KafkaError) in try body(client, operation) }
        }.get()
    }

    func living(while operation: String) throws(KafkaError) -> Client {
        guard let client = client.withLock({ $0 }) else { throw .closed(while: operation) }
        return client
    }
}

/// What a producer tells besides its delivery reports.
package enum ProducerEvent: Sendable {
    /// Something failed; librdkafka is getting over it unless the error says fatal.
    case error(KafkaError)
    /// Only if `statistics.interval.ms` is set.
    case statistics(Statistics)
}
