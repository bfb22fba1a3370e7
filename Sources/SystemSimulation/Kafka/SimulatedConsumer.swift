// A consumer with librdkafka's semantics, and with those of this package's `Kafka.Consumer` around it, on a simulated
// network: membership, rebalance callbacks, prefetch by partition, commits, pauses, seeks, fencing, session timeouts.
//
// Source: librdkafka 2.x (rdkafka_cgrp.c, rdkafka_assignment.c, rdkafka_request.c), Sources/Kafka/ConsumerLoop.swift.
// Its parts: +Group joins and rebalances, +Commit commits, +Fetch reads.

import DequeModule
import Kafka
import KafkaProtocol
import Simulation

// Sendable without a lock, for only jobs and events of one executor touch it, and that is one thread.
final class SimulatedConsumer: @unchecked Sendable {
    struct Settings {
        var sessionTimeout: Duration
        var heartbeatInterval: Duration
        var requestTimeout: Duration
        var rebalanceTimeout: Duration
        var isCooperative: Bool
        /// `enable.auto.commit`, once a second, of what was stored.
        var commitsAtIntervals: Bool
        /// Messages fetched ahead of each partition.
        var queueLimit = 100
        /// How long a commit may wait for a coordinator, and a revocation for commits.
        var commitTimeout = Duration.seconds(10)
        var commitGrace: Duration
        var losesAllOnIllegalGeneration = false
        /// A planted bug: a member that was thrown out stays out.
        var staysOutWhenLost = false
    }

    /// A message that was fetched.
    struct Message: Sendable {
        let partition: TopicPartition
        let record: Record
        let epoch: UInt64
    }

    struct Held {
        let partition: TopicPartition
        let epoch: UInt64
        /// Asked back, and held only until the commits under way are answered.
        var isLeaving = false
        var isPaused = false
        /// The next offset to fetch; nil until the committed one is known.
        var position: Int64?
        /// Grows with every seek; what was fetched for an earlier one is dropped.
        var version = 0
        var queue: Deque<Record> = []
        /// Stored for the next commit at intervals, and the one committed last.
        var stored: Int64?
        var committed: Int64?
    }

    enum State { case idle, finding, joining, syncing, steady, revoking, closing, closed }

    struct Waiter {
        let limit: Int
        let continuation: CheckedContinuation<[Message]?, Never>
    }

    let identity: ClientIdentity
    let node: NodeID
    let brokers: SimulatedBrokers
    let executor: SeededExecutor
    let clock: SkewedClock
    let settings: Settings
    /// Told in order with the messages: see `Kafka.ConsumerEvent`.
    var onEvent: (ConsumerEvent) -> Void = { _ in }

    var state = State.idle
    var topics: [String] = []
    var memberID = ""
    var generation: Int32 = -1
    /// Counts attempts, so that an answer to an earlier one is known as such.
    var attempt = 0
    var coordinator: BrokerConnection?
    var isFinding = false
    var bootstrap = 0
    var lastHeartbeat = Duration.zero
    var isHeartbeatUnderWay = false
    var hasLostPartitions = false

    var held: [Held] = []
    var epoch: UInt64 = 0
    var afterRevocation: (() -> Void)?
    var revoking: [TopicPartition] = []
    var graceEnd: Duration?
    /// Partitions went, and commits are not answered yet.
    var isJoinDue = false

    var leaders: [TopicPartition: Int32] = [:]
    var links: [Int32: BrokerConnection] = [:]
    var fetching: Set<Int32> = []
    var isMetadataUnderWay = false

    var commits: [Commit] = []
    var waiter: Waiter?
    var turn = 0
    var isEnded = false
    var closers: [CheckedContinuation<Void, Never>] = []

    init(
        _ identity: ClientIdentity, node: NodeID, brokers: SimulatedBrokers, clock: SkewedClock, settings: Settings
    ) {
        self.identity = identity
        self.node = node
        self.brokers = brokers
        self.clock = clock
        self.settings = settings
        executor = brokers.executor
    }

    // MARK: Life

    var isOver: Bool { state == .closed }

    func subscribe(to topics: [String]) {
        guard !isOver, state != .closing else { return }
        let isFirst = self.topics.isEmpty
        self.topics = topics
        if isFirst {
            refreshMetadata()
            beatAtIntervals()
            if settings.commitsAtIntervals { commitAtIntervals() }
            findCoordinator()
        } else if state == .steady, !isJoinDue {
            join()
        }
    }

    /// The process is gone: nobody is told anything, and nothing is sent any more.
    func die() {
        state = .closed
        attempt += 1
        isEnded = true
        onEvent = { _ in }
        afterRevocation = nil
        held = []
        coordinator?.close()
        coordinator = nil
        for broker in links.keys.sorted() { links[broker]?.close() }
        links = [:]
        waiter?.continuation.resume(returning: nil)
        waiter = nil
        failCommits(.destroyed)
        for closer in closers { closer.resume() }
        closers = []
    }

    /// Hands out no more messages. The membership goes on.
    func drain() {
        isEnded = true
        waiter?.continuation.resume(returning: nil)
        waiter = nil
    }

    /// Gives partitions back, leaves the group, and ends; after ten seconds without the brokers' answer too.
    func close() async {
        guard !isOver else { return }
        await withCheckedContinuation { continuation in
            closers.append(continuation)
            guard state != .closing else { return }
            drain()
            let wasRevoking = state == .revoking
            state = .closing
            attempt += 1
            after(.seconds(10)) { [self] in finishClosing() }
            if wasRevoking {
                afterRevocation = { [self] in leave() }
            } else {
                revoke(held.map(\.partition)) { [self] in leave() }
            }
        }
    }

    private func leave() {
        guard let coordinator, coordinator.isOpen, !memberID.isEmpty else { return finishClosing() }
        var request = LeaveGroupRequest()
        request.groupID = SimulatedBrokers.group
        request.memberID = memberID
        coordinator.call(.leaveGroup(request), version: 1, timeout: settings.requestTimeout) { [self] _ in
            finishClosing()
        }
    }

    private func finishClosing() {
        guard !isOver else { return }
        die()
    }

    // MARK: Time and connections

    /// By the process's own clock; nothing happens any more once the consumer is over.
    @discardableResult
    func after(_ delay: Duration, _ action: @escaping @Sendable () -> Void) -> SeededExecutor.ScheduledEvent {
        executor.schedule(after: clock.trueDuration(of: delay)) { [self] in
            if !isOver { action() }
        }
    }

    func connection(to broker: Int32) -> BrokerConnection? {
        if let link = links[broker], link.isOpen { return link }
        let link = brokers.connect(from: node, to: broker, client: identity)
        links[broker] = link
        return link
    }

    /// The brokers in turn, as one that knows no better asks.
    func anyConnection() -> BrokerConnection? {
        for _ in brokers.nodes {
            bootstrap += 1
            if let link = connection(to: Int32(bootstrap % brokers.nodes.count) + 1) { return link }
        }
        return nil
    }

    // MARK: Partitions

    func position(of partition: TopicPartition) -> Int? {
        // By index, or each would be copied whole to be looked at.
        let held = held
        return held.indices.first { held[$0].partition == partition }
    }

    func heldEpoch(of partition: TopicPartition) -> UInt64? { position(of: partition).map { held[$0].epoch } }

    func setPaused(_ isPaused: Bool, _ partitions: [TopicPartition]) {
        for index in held.indices where partitions.contains(held[index].partition) {
            held[index].isPaused = isPaused
        }
        if !isPaused {
            handOut()
            serveFetches()
        }
    }

    /// Goes on reading elsewhere; what was fetched and not handed out is dropped.
    func seek(_ partition: TopicPartition, to offset: Int64) {
        guard let index = position(of: partition) else { return }
        held[index].position = offset
        held[index].version += 1
        held[index].queue = []
        serveFetches()
    }

    /// Notes what the next commit at intervals is to commit; nothing of partitions that are not held.
    func store(_ offsets: [TopicPartitionOffset]) {
        for offset in offsets {
            if let index = position(of: offset.partition) { held[index].stored = offset.offset }
        }
    }
}
