public import Connector
import DequeModule
import SeededRandom
import Synchronization

/// A source without a network: what is fed comes out, batch by batch, acknowledged as Kafka does it.
///
/// What was acknowledged stays with the `InMemoryLog`, so a new source on the same log goes on where the last one
/// stopped: a crash and a restart in one process.
public actor InMemorySource: EventSource {
    /// How the source misbehaves.
    public struct Faults: Sendable {
        /// Of 100 acknowledgements, how many are refused as if the partition had been revoked.
        public var refusedPercent = 0
        /// The longest an acknowledgement takes.
        public var acknowledgeDelay = Duration.zero
        /// How long it takes until a pause, or its end, takes effect.
        public var pauseDelay = Duration.zero

        public init() {}
    }

    public nonisolated let kind = "memory"
    public nonisolated let capabilities = SourceCapabilities(settlement: .cumulative, canPause: true)
    public nonisolated let attributeNames = ["X-Memory-Offset", "X-Memory-Key"]

    private let log: InMemoryLog
    private let time: TimeSource
    private let faults: Faults
    private var generator: SeededGenerator
    /// Read without waiting for the actor.
    private nonisolated let epochs = Mutex(Epoch(0))
    private var epoch: Epoch { epochs.withLock { $0 } }
    private var paused: Set<SourcePartition> = []
    private var topics: [String] = []
    private var positions: [SourcePartition: Int64] = [:]
    /// Handed out and not settled together with all before them.
    private var inHand: [SourcePartition: Deque<InHand>] = [:]
    private var isEnded = false
    /// Batches so far.
    public private(set) var counts = (handedOut: 0, acknowledged: 0)
    /// Events that were handed out, and neither acknowledged nor settled.
    public var unacknowledged: Int { inHand.values.reduce(0) { $0 + $1.count } }
    private var notices: (@Sendable (SourceNotice) -> Void)?

    private struct InHand {
        let offset: Int64
        var isSettled = false
    }

    public init(log: InMemoryLog, time: TimeSource, seed: UInt64, faults: Faults = Faults()) {
        self.log = log
        self.time = time
        self.faults = faults
        generator = SeededGenerator(seed: seed)
    }

    public func start(topics: [String], notices: @escaping @Sendable (SourceNotice) -> Void) async throws {
        self.notices = notices
        try await subscribe(to: topics)
    }

    public func subscribe(to topics: [String]) async throws {
        self.topics = topics
        await assign()
        notices?(.rebalanced(assigned: await log.partitions(of: topics), epoch: epoch))
    }

    public func next(limit: Int) async throws -> [Event]? {
        while !isEnded && !Task.isCancelled {
            let batch = await take(limit)
            if !batch.isEmpty {
                counts.handedOut += 1
                return batch
            }
            do { try await time.sleep(for: .milliseconds(1)) } catch { return nil }
        }
        return nil
    }

    public func acknowledge(_ batch: [Event]) async -> Acknowledgement {
        if faults.acknowledgeDelay > .zero {
            try? await time.sleep(for: faults.acknowledgeDelay * Double.random(in: 0...1, using: &generator))
        }
        if Int.random(in: 0..<100, using: &generator) < faults.refusedPercent {
            await assign()
        }
        counts.acknowledged += 1
        let own = batch.filter { holds($0) }
        for event in own {
            inHand[event.partition]?.removeAll { $0.offset <= event.id.offset }
            await log.commit(event.id.offset + 1, of: event.partition)
        }
        let refused = batch.count - own.count
        return Acknowledgement(acknowledged: own, refused: refused > 0 ? [("revoked", refused)] : [])
    }

    public func settle(_ settlements: [Settlement]) async {
        for settlement in settlements {
            let partition = SourcePartition(topic: settlement.id.topic, partition: settlement.id.partition)
            if let reason = ignores(settlement, partition) {
                notices?(.settlementIgnored(settlement.id, reason: reason))
            } else if let next = settledPrefix(of: partition) {
                await log.commit(next, of: partition)
            }
        }
    }

    /// Marks the event as settled; answers why not, if it does not.
    private func ignores(_ settlement: Settlement, _ partition: SourcePartition) -> String? {
        guard settlement.epoch == epoch else { return "stale epoch" }
        if case .retry = settlement.verdict { return "a log cannot deliver one event again" }
        let events = inHand[partition] ?? []
        guard let index = events.firstIndex(where: { $0.offset == settlement.id.offset }), !events[index].isSettled
        else { return "settled before" }
        inHand[partition]?[index].isSettled = true
        return nil
    }

    /// Drops the events that are settled together with all before them; the offset after the last of them.
    private func settledPrefix(of partition: SourcePartition) -> Int64? {
        var next: Int64?
        while let first = inHand[partition]?.first, first.isSettled {
            next = first.offset + 1
            inHand[partition]?.removeFirst()
        }
        return next
    }

    public nonisolated func holds(_ event: Event) -> Bool { event.epoch == epochs.withLock { $0 } }

    public func pause(_ partitions: [SourcePartition]) async {
        await delayPause()
        paused.formUnion(partitions)
    }

    public func resume(_ partitions: [SourcePartition]) async {
        await delayPause()
        paused.subtract(partitions)
    }

    private func delayPause() async {
        if faults.pauseDelay > .zero { try? await time.sleep(for: faults.pauseDelay) }
    }

    public func drain() async { isEnded = true }
    public func close() async { isEnded = true }

    /// As if the group had shared out its partitions anew: what was handed out is this reader's no more.
    public func rebalance() async { await assign() }

    /// Starts over from what is committed, in a new epoch.
    private func assign() async {
        epochs.withLock { $0 = Epoch($0.number + 1) }
        positions = [:]
        inHand = [:]
        paused = []
        for partition in await log.partitions(of: topics) { positions[partition] = await log.committed(partition) }
    }

    private func take(_ limit: Int) async -> [Event] {
        var batch: [Event] = []
        for partition in await log.partitions(of: topics).shuffled(using: &generator) where batch.count < limit {
            guard !paused.contains(partition) else { continue }
            let position = positions[partition, default: 0]
            let records = await log.read(partition, from: position, limit: limit - batch.count)
            for (index, record) in records.enumerated() {
                let id = EventID(
                    topic: partition.topic, partition: partition.partition, offset: position + Int64(index))
                inHand[partition, default: []].append(InHand(offset: id.offset))
                batch.append(
                    Event(
                        id: id, epoch: epoch, payload: record.payload.map { Bytes($0) },
                        key: record.key.map { Bytes($0) }, headers: record.headers,
                        timestampMilliseconds: record.timestampMilliseconds))
            }
            positions[partition] = position + Int64(records.count)
        }
        return batch
    }
}
