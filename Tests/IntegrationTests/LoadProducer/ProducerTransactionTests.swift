import FakeBroker
import Kafka
import Logging
import TestSupport
import Testing

/// Transactions and creation of topics by this package's own producer.
@Suite struct ProducerTransactionTests {
    private static let quiet = Logger(label: "client") { _ in SwiftLogNoOpLogHandler() }

    private func producer(_ broker: FakeBroker, id: String? = "id") throws -> Producer {
        var configuration = Kafka.Configuration()
        configuration.bootstrapServers = [broker.bootstrapServers]
        configuration.linger = .zero
        configuration["transactional.id"] = id
        // A machine that stands still for minutes must end no transaction.
        configuration["transaction.timeout.ms"] = "600000"
        return try Producer(configuration: configuration, logger: Self.quiet)
    }

    /// The values that a reader of committed records sees.
    private func committed(_ broker: FakeBroker) async throws -> [String] {
        let output = try await Command.run([
            "kcat", "-C", "-b", broker.bootstrapServers, "-t", "t", "-e", "-q", "-X", "isolation.level=read_committed",
        ])
        return output.text.split(separator: "\n").map(String.init)
    }

    @Test func `what is committed is read, what is aborted is not`() async throws {
        try await withFakeBroker { broker in
            let producer = try producer(broker)
            let topic = try producer.topic("t")
            try await producer.initTransactions(timeout: .seconds(240))
            for (text, isCommitted) in [("one", true), ("two", false), ("three", true)] {
                try producer.beginTransaction()
                _ = try topic.tryProduce(value: Array(text.utf8), token: 0)
                if isCommitted {
                    try await producer.commitTransaction(timeout: .seconds(240))
                } else {
                    try await producer.flush(timeout: .seconds(240))
                    try await producer.abortTransaction(timeout: .seconds(240))
                }
            }
            await producer.close()
            #expect(try await committed(broker) == ["one", "three"])
        }
    }

    @Test func `a newer producer of the id fences the older`() async throws {
        try await withFakeBroker { broker in
            let old = try producer(broker)
            try await old.initTransactions(timeout: .seconds(240))
            try old.beginTransaction()
            _ = try old.topic("t").tryProduce(value: [1], token: 0)
            try await old.flush(timeout: .seconds(240))
            let new = try producer(broker)
            try await new.initTransactions(timeout: .seconds(240))
            let error = await #expect(throws: KafkaError.self) {
                try await old.commitTransaction(timeout: .seconds(240))
            }
            #expect(error?.isFatal == true, "\(String(describing: error))")
            #expect(error?.operation == "committing a transaction")
            await old.close()
            await new.close()
            #expect(throws: KafkaError.self) { try old.beginTransaction() }
        }
    }

    @Test func `transactions out of turn are refused`() async throws {
        try await withFakeBroker { broker in
            let plain = try producer(broker, id: nil)
            await #expect(throws: KafkaError.self) { try await plain.initTransactions(timeout: .seconds(5)) }
            let early = try producer(broker)
            #expect(throws: KafkaError.self) { try early.beginTransaction() }
            await plain.close()
            await early.close()
        }
    }

    @Test func `a topic is created once`() async throws {
        try await withFakeBroker({ $0.autoCreateTopics = false }) { broker in
            let producer = try producer(broker, id: nil)
            try await producer.createTopic("new", partitions: 4, timeout: .seconds(240))
            #expect(try await broker.endOffsets(topic: "new").count == 4)
            let again = await #expect(throws: KafkaError.self) {
                try await producer.createTopic("new", partitions: 4, timeout: .seconds(240))
            }
            #expect(again?.code == .topicAlreadyExists)
            #expect(again?.operation == "creating topic new")
            for (name, partitions, replicas) in [("a b", 1, 1), ("many", 0, 1), ("wide", 1, 9)] {
                await #expect(throws: KafkaError.self, "\(name)") {
                    try await producer.createTopic(
                        name, partitions: partitions, replicationFactor: replicas, timeout: .seconds(240))
                }
            }
            await producer.close()
        }
    }
}
