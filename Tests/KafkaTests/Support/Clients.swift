import Kafka
import Logging

let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

extension MockCluster {
    func producerConfiguration() -> Configuration {
        var configuration = Configuration()
        configuration.bootstrapServers = bootstrap
        configuration.linger = .zero
        return configuration
    }

    func consumerConfiguration(group: String) -> Configuration {
        var configuration = Configuration()
        configuration.bootstrapServers = bootstrap
        configuration.groupID = group
        configuration.autoOffsetReset = .earliest
        configuration.isAutoCommitEnabled = false
        configuration.isAutoOffsetStoreEnabled = false
        configuration["fetch.wait.max.ms"] = "20"
        // The mock waits for a session's length, less a second, before it shares out partitions anew; and for three
        // seconds at first, which the session must survive.
        configuration.sessionTimeout = .seconds(4)
        configuration["heartbeat.interval.ms"] = "100"
        return configuration
    }

    func consumer(
        group: String = "group", topics: [String], leastShare: Int = 1, log: EventLog = EventLog(),
        _ change: (inout Configuration) -> Void = { _ in }
    ) async throws -> Consumer {
        var configuration = consumerConfiguration(group: group)
        change(&configuration)
        let consumer = try Consumer(
            configuration: configuration, logger: quiet, leastShare: leastShare, onEvent: log.handler)
        try await consumer.subscribe(to: topics)
        return consumer
    }

    /// Produces texts to one partition, in order, and waits for their acknowledgement.
    func produce(_ texts: [String], to topic: String, partition: Int32 = 0) async throws {
        let producer = try Producer(configuration: producerConfiguration(), logger: quiet)
        let topic = try producer.topic(topic)
        for text in texts {
            _ = try topic.tryProduce(value: Array(text.utf8), partition: partition, token: 0)
        }
        // `close` by itself gives up after ten seconds.
        try await producer.flush(timeout: .seconds(600))
        await producer.close()
    }
}

extension Consumer {
    /// The next `count` messages, in as many batches as it takes.
    func messages(_ count: Int, batch: Int = 100) async throws -> [ConsumerMessage] {
        var messages: [ConsumerMessage] = []
        while messages.count < count, let next = try await nextBatch(max: min(batch, count - messages.count)) {
            messages += next.messages
        }
        return messages
    }

    /// The offset after each of these messages' partitions.
    func commit(after messages: [ConsumerMessage]) async throws -> [PartitionResult] {
        var next: [TopicPartition: Int64] = [:]
        for message in messages { next[message.topicPartition] = message.offset + 1 }
        return try await commit(next.keys.sorted().map { TopicPartitionOffset($0, next[$0] ?? 0) })
    }
}

extension ConsumerMessage {
    var text: String? { payload.map { String(decoding: $0, as: UTF8.self) } }
}
