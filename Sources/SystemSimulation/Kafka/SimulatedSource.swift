// `KafkaSource` over a simulated consumer: the same decisions (BatchCommit, Membership, SettlementWindow), another
// consumer below them, and the simulation's time.

import Connector
import Kafka
import KafkaProtocol
import KafkaSource
import NIOCore
import Simulation

// Sendable without a lock, for only jobs and events of one executor touch it, and that is one thread.
final class SimulatedSource: EventSource, @unchecked Sendable {
    let kind = "kafka"
    let capabilities = SourceCapabilities(settlement: .cumulative, canPause: true)

    private let consumer: SimulatedConsumer
    let time: TimeSource
    private let trace: ReplicaTrace
    private var membership = Membership()
    private var isDraining = false
    private var failure: KafkaError?

    init(_ consumer: SimulatedConsumer, time: TimeSource, trace: ReplicaTrace) {
        self.consumer = consumer
        self.time = time
        self.trace = trace
    }

    // MARK: Life

    func start(topics: [String], notices: @escaping @Sendable (SourceNotice) -> Void) async throws {
        membership.notices = notices
        consumer.onEvent = { [self] event in take(event) }
        consumer.subscribe(to: topics)
    }

    private func take(_ event: ConsumerEvent) {
        trace.record(event)
        let news = membership.take(event, bootstrap: "brokers")
        for notice in news.notices { membership.notices?(notice) }
        if let failure = news.failure { fail(failure) }
    }

    func subscribe(to topics: [String]) async throws { consumer.subscribe(to: topics) }

    func drain() async {
        isDraining = true
        consumer.drain()
    }

    func close() async { await consumer.close() }

    // MARK: Events

    func next(limit: Int) async throws -> [Event]? {
        guard let messages = await consumer.next(limit: limit) else {
            if let failure { throw failure }
            return nil
        }
        trace.handedOut(messages)
        let events = messages.map { Event($0) }
        for event in events {
            membership.window.handOut(event.topicPartition, epoch: event.epoch.number, offset: event.id.offset)
        }
        return events
    }

    // MARK: At most once

    func acknowledge(_ batch: [Event]) async -> Acknowledgement {
        let answer = await commit(batch)
        trace.acknowledged(batch, answer)
        return answer
    }

    // MARK: At least once

    func settle(_ settlements: [Settlement]) async {
        let (offsets, ignored) = membership.settle(settlements)
        for notice in ignored { membership.notices?(notice) }
        if !offsets.isEmpty { consumer.store(offsets) }
    }

    func holds(_ event: Event) -> Bool { membership.window.isHeld(event.topicPartition, event.epoch.number) }

    // MARK: Pause

    /// Until the consumer's thread has it: meanwhile `next` goes on as before.
    private static let commandDelay = Duration.microseconds(300)

    func pause(_ partitions: [SourcePartition]) async {
        try? await time.sleep(for: Self.commandDelay)
        consumer.setPaused(true, partitions.map { TopicPartition($0.topic, $0.partition) })
    }

    func resume(_ partitions: [SourcePartition]) async {
        try? await time.sleep(for: Self.commandDelay)
        consumer.setPaused(false, partitions.map { TopicPartition($0.topic, $0.partition) })
    }
}

extension SimulatedSource: BatchCommitter {
    var committerState: CommitterState {
        CommitterState(isClosed: consumer.isOver, isDraining: isDraining, hasFailed: failure != nil)
    }

    func withMembership<Result>(_ body: (inout Membership) -> Result) -> Result { body(&membership) }

    func commit(
        _ offsets: [TopicPartitionOffset], under epochs: [UInt64]
    ) async throws(KafkaError) -> [PartitionResult] {
        try await consumer.commit(offsets, under: epochs).get()
    }

    func fail(_ error: KafkaError) {
        if failure == nil { failure = error }
        consumer.drain()
    }
}

extension Event {
    fileprivate var topicPartition: TopicPartition { TopicPartition(id.topic, id.partition) }

    fileprivate convenience init(_ message: SimulatedConsumer.Message) {
        let record = message.record
        self.init(
            id: EventID(
                topic: message.partition.topic, partition: message.partition.partition, offset: record.offset),
            epoch: Epoch(message.epoch), payload: record.value.map { Bytes(Array($0.readableBytesView)) },
            key: record.key.map { Bytes(Array($0.readableBytesView)) },
            attributes: [
                EventAttribute(name: "X-Kafka-Partition", value: String(message.partition.partition)),
                EventAttribute(name: "X-Kafka-Offset", value: String(record.offset)),
            ],
            timestampMilliseconds: record.timestampMs)
    }
}
