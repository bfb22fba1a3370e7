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
    private let time: TimeSource
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
        if failure == nil { failure = news.failure }
        for notice in news.notices { membership.notices?(notice) }
        if news.failure != nil { consumer.drain() }
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
        var commit = BatchCommit(batch)
        var pause = Duration.milliseconds(50)
        while true {
            commit.dropStale { membership.window.isHeld($0, $1) }
            let offsets = commit.offsets
            if offsets.isEmpty { break }
            guard !consumer.isOver else {
                commit.giveUp("closed")
                break
            }
            let parts = commit.pending
            var isAsked = false
            if !membership.commits.blocks(parts) {
                isAsked = true
                membership.commits.begin(parts)
                let start = time.now
                let answer = await consumer.commit(offsets)
                membership.commits.end(parts)
                switch answer {
                case .success(let results): commit.apply(results, after: time.now - start)
                case .failure(let error):
                    commit.apply(error, after: time.now - start)
                    if error.code != .inProgress { membership.notices?(.transientFailure("\(error)")) }
                }
            }
            if commit.offsets.isEmpty { break }
            if isAsked, !commit.isRepetition, !Task.isCancelled { continue }
            if isDraining || Task.isCancelled {
                commit.giveUp("shutdown")
                break
            }
            try? await time.sleep(for: pause)
            pause = min(pause * 2, .seconds(1))
        }
        for event in batch {
            membership.window.forget(
                event.topicPartition, epoch: event.epoch.number, before: event.id.offset + 1)
        }
        let answer = commit.acknowledgement
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
