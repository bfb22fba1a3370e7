// The dead-letter topic: a producer beside the source's consumer, with the same brokers and credentials.
//
// A letter is the record as it was (value, key, headers), and after its own headers those that say where it came from
// and why it is here. It counts as safe once every replica in sync has it.

package import Connector
package import Kafka
package import Logging

package final class DeadLetterTopic: DeadLetterSink {
    package let name: String
    private let producer: Producer
    private let reports: PendingReports

    /// - Parameter onFailure: Called once the producer can never again deliver anything, as with idempotence switched
    ///   on and sequence numbers that a broker has lost.
    /// - Throws: For a property that librdkafka does not accept.
    package init(
        _ name: String, _ configuration: KafkaSourceConfiguration, logger: Logger,
        onFailure: @escaping @Sendable (KafkaError) -> Void
    ) throws(Kafka.ConfigurationError) {
        self.name = name
        let reports = PendingReports()
        self.reports = reports
        producer = try Producer(
            configuration: configuration.producerConfiguration, logger: logger, tokens: configuration.tokens
        ) { event in
            // What keeps a letter from being delivered is told with the letter.
            guard case .error(let error) = event else { return }
            logger.debug("Dead-letter topic \(name): \(error)")
            if error.isFatal { onFailure(error) }
        } onDelivery: { delivered in
            for index in delivered.indices { reports.end(delivered[index].token, .reported(delivered[index].error)) }
        }
    }

    /// New connections log in with these (PLAIN and SCRAM).
    package func setCredentials(user: String, password: String) throws(KafkaError) {
        try producer.setCredentials(user: user, password: password)
    }

    /// Gives up what is not delivered within a second.
    package func close() async { await producer.close(timeout: .seconds(1)) }

    package func send(_ letter: DeadLetter) async throws {
        guard letter.event.topic != name else {
            throw DeadLetterRefusal("the event is from the dead-letter topic \(name) itself")
        }
        let topic = try producer.topic(name)
        let token = reports.open()
        let outcome = try await withTaskCancellationHandler {
            do {
                try await hand(letter, to: topic, token)
            } catch let error as KafkaError where error.code == .messageTooLarge {
                // More than 'message.max.bytes': librdkafka does not even ask the broker.
                reports.end(token, .reported(.messageTooLarge))
            } catch {
                reports.forget(token)
                throw error
            }
            return await reports.outcome(of: token)
        } onCancel: {
            reports.end(token, .cancelled)
        }
        switch outcome {
        case .cancelled: throw CancellationError()
        case .reported(nil): return
        case .reported(.some(.messageTooLarge)), .reported(.some(.recordListTooLarge)):
            throw DeadLetterRefusal("the letter is larger than \(name) takes (max.message.bytes)")
        case .reported(.some(.invalidRecord)):
            throw DeadLetterRefusal(
                "\(name) does not take such a record (INVALID_RECORD): a compacted topic wants keys")
        case .reported(.some(let error)): throw KafkaError(error, while: "producing to \(name)")
        }
    }

    private func hand(_ letter: DeadLetter, to topic: ProducerTopic, _ token: UInt) async throws {
        let event = letter.event
        let headers =
            event.headers.map { MessageHeader($0.name, $0.value?.array) }
            + letter.headers.map { MessageHeader($0.name, $0.value) }
        while true {
            try Task.checkCancellation()
            let attempt = try topic.tryProduce(
                key: event.key?.array, value: event.payload?.array, headers: headers, token: token)
            guard case .full(let mark) = attempt else { return }
            await topic.waitForRoom(since: mark)
        }
    }
}

extension KafkaSourceConfiguration {
    /// What librdkafka gets for the producer of dead letters: what the consumer gets, as far as it concerns producers.
    package var producerConfiguration: Configuration {
        var configuration = Configuration()
        configuration.bootstrapServers = brokers
        configuration.clientID = clientID
        configuration["acks"] = "all"
        // A failure is told within this time, and the connector asks again.
        configuration["message.timeout.ms"] = "10000"
        configuration["linger.ms"] = "0"
        // A topic that was refused, or did not exist, is asked for again this soon.
        configuration["topic.metadata.refresh.interval.ms"] = "10000"
        // The broker decides what is too large; of each letter by itself, for it refuses batches as a whole.
        configuration["message.max.bytes"] = "1000000000"
        configuration["batch.num.messages"] = "1"
        // As Java's producers partition, so that letters of one key stay together with others of it.
        configuration["partitioner"] = "murmur2_random"
        configuration["log.connection.close"] = "false"
        configuration["socket.keepalive.enable"] = "true"
        for property in properties where !Self.consumersOnly.contains(property.name) {
            configuration[property.name] = property.value
        }
        return configuration
    }

    /// As `check`, of the producer.
    package func checkProducer() throws(Kafka.ConfigurationError) {
        try producerConfiguration.check(for: .producer, hasTokens: tokens != nil)
    }

    /// Properties of librdkafka's CONFIGURATION.md that are a consumer's only: a producer would warn of each.
    private static let consumersOnly: Set<String> = [
        "allow.auto.create.topics", "auto.commit.interval.ms", "auto.offset.reset", "check.crcs", "client.rack",
        "coordinator.query.interval.ms", "enable.auto.commit", "enable.auto.offset.store", "enable.partition.eof",
        "fetch.error.backoff.ms", "fetch.max.bytes", "fetch.message.max.bytes", "fetch.min.bytes",
        "fetch.queue.backoff.ms", "fetch.wait.max.ms", "group.id", "group.instance.id", "group.protocol",
        "group.protocol.type", "group.remote.assignor", "heartbeat.interval.ms", "isolation.level",
        "max.partition.fetch.bytes", "max.poll.interval.ms", "partition.assignment.strategy",
        "queued.max.messages.kbytes", "queued.min.messages", "session.timeout.ms", "topic.blacklist",
    ]
}
