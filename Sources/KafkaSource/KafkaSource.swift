// Kafka as a source of events.
//
// It decides which events of a batch are this member's to hand over, and tells the connector what becomes of its
// membership. It may never hand over an event whose offset is not known to be committed, buffer more than the one
// batch that the consumer keeps ready, or end because a broker is away. Contract: Connector's `EventSource`.

package import Connector
package import Kafka
package import Logging
internal import Synchronization

package final class KafkaSource: EventSource {
    package let kind = "kafka"
    package let capabilities = SourceCapabilities(settlement: .cumulative, canPause: true)
    package let attributeNames = ["Partition", "Offset", "Key", "Key-Enc", "Key-Left-Out"].map { "X-Kafka-\($0)" }

    private let configuration: Configuration
    private let leastShare: Int
    private let tokens: TokenProvider?
    private let bootstrap: String
    private let logger: Logger
    package let time: TimeSource
    /// Whether the first event of a partition is noted as its place before anything of it is settled. Where a partition
    /// that has none begins with what is newest, all that comes after this event would be passed over after a crash.
    /// The consumer commits places before it hands anything out; here, if brokers did not tell them in time.
    private let keepsStarts: Bool
    private let state = Mutex(State())

    private struct Credentials: Equatable {
        let user: String
        let password: String
    }

    private struct State {
        enum Phase { case new, running(Consumer), closed }

        var phase = Phase.new
        var isDraining = false
        /// In place of those of the configuration, if they changed before the start.
        var credentials: Credentials?
        var membership = Membership()
        /// What ends the stream, if anything did.
        var failure: KafkaError?
    }

    /// - Parameter time: Tells how long a commit took, and waits before it is asked for again.
    /// - Throws: For a property that would break the promise of at most once. What librdkafka does not accept is
    ///   thrown by `start`.
    package init(
        _ configuration: KafkaSourceConfiguration, logger: Logger, time: TimeSource = TimeSource(ContinuousClock())
    ) throws(Kafka.ConfigurationError) {
        self.time = time
        self.configuration = try configuration.clientConfiguration()
        leastShare = configuration.leastShare
        keepsStarts =
            configuration.delivery == .atLeastOnce && self.configuration.resetOffset == TopicPartitionOffset.end
        tokens = configuration.tokens
        bootstrap = configuration.brokers.joined(separator: ",")
        state.withLock {
            $0.membership = Membership(toleratesUnreadableTopics: configuration.toleratesUnreadableTopics)
        }
        self.logger = logger
    }

    // MARK: Life

    package func start(topics: [String], notices: @escaping @Sendable (SourceNotice) -> Void) async throws {
        let credentials = state.withLock { $0.credentials }
        var configuration = configuration
        if let credentials {
            configuration["sasl.username"] = credentials.user
            configuration["sasl.password"] = credentials.password
        }
        let consumer = try Consumer(
            configuration: configuration, logger: logger, commitsStarts: true, leastShare: leastShare, tokens: tokens
        ) { [weak self] event in
            self?.take(event, notices)
        }
        let (isNew, newest) = state.withLock { state in
            guard case .new = state.phase else { return (false, state.credentials) }
            state.phase = .running(consumer)
            state.membership.notices = notices
            return (true, state.credentials)
        }
        guard isNew else {
            await consumer.close()
            throw KafkaError(.state, while: "starting the source", reason: "it was started before")
        }
        // It may have failed before there was anything to drain.
        if hasFailed { consumer.drain() }
        if let newest, newest != credentials {
            try await consumer.setCredentials(user: newest.user, password: newest.password)
        }
        try await consumer.subscribe(to: legal(topics))
    }

    package func subscribe(to topics: [String]) async throws {
        try await running?.subscribe(to: legal(topics))
    }

    /// Without names that no topic can have: librdkafka would ask for them without end, and join no group meanwhile
    /// (seen with 2.0.2).
    private func legal(_ topics: [String]) -> [String] {
        topics.filter { topic in
            if topic.hasPrefix("^") || TopicName.isLegal(topic) { return true }
            tell(.transientFailure("no topic can be named '\(topic)', only with \(TopicName.accepted)"))
            return false
        }
    }

    /// New connections log in with these (PLAIN and SCRAM). Before the start they are kept for it.
    package func setCredentials(user: String, password: String) async throws(KafkaError) {
        state.withLock { $0.credentials = Credentials(user: user, password: password) }
        try await running?.setCredentials(user: user, password: password)
    }

    package func drain() async {
        state.withLock { $0.isDraining = true }
        running?.drain()
    }

    package func close() async {
        let consumer = state.withLock { state -> Consumer? in
            defer { state.phase = .closed }
            if case .running(let consumer) = state.phase { return consumer }
            return nil
        }
        await consumer?.close()
    }

    private var running: Consumer? {
        state.withLock { if case .running(let consumer) = $0.phase { consumer } else { nil } }
    }

    // MARK: Events

    package func next(limit: Int) async throws -> [Event]? {
        guard let consumer = running else { return nil }
        do {
            guard let batch = try await consumer.nextBatch(max: limit) else {
                if let failure = state.withLock({ $0.failure }) { throw failure }
                return nil
            }
            let events = batch.messages.map { Event($0) }
            let starts = state.withLock { $0.membership.handOut(events) }
            if keepsStarts, !starts.isEmpty { consumer.store(starts) }
            return events
        } catch is CancellationError {
            return nil
        }
    }

    // MARK: At most once

    package func acknowledge(_ batch: [Event]) async -> Acknowledgement { await commit(batch) }

    // MARK: At least once

    /// What is settled together with all before it is committed within a second, and when its partition is given back.
    ///
    /// `retry` is refused: Kafka has no way to deliver one event again, which the connector must do itself.
    package func settle(_ settlements: [Settlement]) async {
        let (offsets, ignored) = state.withLock { $0.membership.settle(settlements) }
        for notice in ignored { tell(notice) }
        if !offsets.isEmpty { running?.store(offsets) }
    }

    package func holds(_ event: Event) -> Bool {
        state.withLock { $0.membership.window.isHeld(event.topicPartition, event.epoch.number) }
    }

    // MARK: Pause

    /// A consumer that has ended has nothing to pause.
    package func pause(_ partitions: [SourcePartition]) async {
        try? await running?.pause(partitions.map { TopicPartition($0.topic, $0.partition) })
    }

    package func resume(_ partitions: [SourcePartition]) async {
        try? await running?.resume(partitions.map { TopicPartition($0.topic, $0.partition) })
    }

    // MARK: What the consumer tells

    private func tell(_ notice: SourceNotice) { state.withLock { $0.membership.notices }?(notice) }

    private var hasFailed: Bool { state.withLock { $0.failure != nil } }

    /// On the consumer's thread.
    private func take(_ event: ConsumerEvent, _ notices: @Sendable (SourceNotice) -> Void) {
        let news = state.withLock { $0.membership.take(event, bootstrap: bootstrap) }
        for notice in news.notices { notices(notice) }
        if let failure = news.failure { fail(failure) }
    }

    /// How far the group has come in the partitions that this member holds.
    package var progress: [PartitionProgress] { state.withLock { $0.membership.progress } }

    /// As the group knows this member; `nil` before it does.
    package var memberID: String? { state.withLock { $0.membership.memberID } }
}

extension KafkaSource: BatchCommitter {
    package var committerState: CommitterState {
        state.withLock { state in
            var isClosed = true
            if case .running = state.phase { isClosed = false }
            return CommitterState(
                isClosed: isClosed, isDraining: state.isDraining, hasFailed: state.failure != nil)
        }
    }

    package func withMembership<Result>(_ body: (inout Membership) -> Result) -> Result {
        state.withLock { body(&$0.membership) }
    }

    package func commit(
        _ offsets: [TopicPartitionOffset], under epochs: [UInt64]
    ) async throws(KafkaError) -> [PartitionResult] {
        guard let consumer = running else {
            throw KafkaError.closed(while: "committing offsets")
        }
        return try await consumer.commit(offsets, under: epochs)
    }

    package func fail(_ error: KafkaError) {
        state.withLock { if $0.failure == nil { $0.failure = error } }
        running?.drain()
    }
}

extension Event {
    var topicPartition: TopicPartition { TopicPartition(id.topic, id.partition) }
}
