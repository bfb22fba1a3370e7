import Kafka
import Synchronization
import TestSupport
import Testing

@Suite struct RebalanceTests {
    /// Two members; the second joins while the first reads, then leaves.
    private func shareAndReturn(_ strategy: Configuration.AssignmentStrategy) async throws -> EventLog {
        let cluster = try MockCluster()
        cluster.createTopic("t", partitions: 4)
        let all = (0..<4).map { TopicPartition("t", Int32($0)) }
        let firstLog = EventLog()
        let secondLog = EventLog()
        let first = try await cluster.consumer(topics: ["t"], log: firstLog) { $0.assignmentStrategies = [strategy] }
        async let firstReader: Void = first.readUntilClosed()
        try await eventually("the first member holds all") { firstLog.held == all }

        let second = try await cluster.consumer(topics: ["t"], log: secondLog) { $0.assignmentStrategies = [strategy] }
        async let secondReader: Void = second.readUntilClosed()
        try await eventually("both hold two") { firstLog.held.count == 2 && secondLog.held.count == 2 }
        #expect((firstLog.held + secondLog.held).sorted() == all)

        await second.close()
        try await eventually("the first member holds all again") { firstLog.held == all }
        #expect(secondLog.held == [])
        await first.close()
        #expect(firstLog.held == [])
        _ = try await (firstReader, secondReader)
        #expect(firstLog.revocations.allSatisfy { !$0.isLost })
        return firstLog
    }

    @Test func `an eager group gives everything back to share it out anew`() async throws {
        let log = try await shareAndReturn(.range)
        #expect(log.revocations.first?.partitions.count == 4)
    }

    @Test func `a cooperative group moves only what must move`() async throws {
        let log = try await shareAndReturn(.cooperativeSticky)
        #expect(log.revocations.first?.partitions.count == 2)
    }

    @Test func `epochs grow with each assignment and revocation`() async throws {
        let log = try await shareAndReturn(.cooperativeSticky)
        let epochs = log.all.compactMap { event -> UInt64? in
            switch event {
            case .assigned(_, let epoch), .revoked(_, _, let epoch): epoch
            default: nil
            }
        }
        #expect(epochs == Array(1...UInt64(epochs.count)))
    }

    @Test func `a revocation waits for a commit under way`() async throws {
        let cluster = try MockCluster()
        cluster.createTopic("t")
        try await cluster.produce(["a"], to: "t")
        let log = EventLog()
        let consumer = try await cluster.consumer(topics: ["t"], log: log)
        let messages = try await consumer.messages(1)
        cluster.setRoundTrip(300)
        // Immediate: the commit is asked for before the revocation.
        let results = Task.immediate { try await consumer.commit(after: messages) }
        try await consumer.subscribe(to: [])
        #expect(try await results.value.map(\.error) == [nil])
        try await eventually("revoked") { log.held == [] }
        await consumer.close()
    }

    @Test func `every message is read and committed once, whoever holds its partition`() async throws {
        let cluster = try MockCluster()
        cluster.createTopic("t", partitions: 4)
        var expected: [String] = []
        for partition in 0..<4 {
            let texts = (0..<50).map { "\(partition)-\($0)" }
            try await cluster.produce(texts, to: "t", partition: Int32(partition))
            expected += texts
        }
        let committed = Texts()
        let logs = [EventLog(), EventLog()]
        let first = try await cluster.consumer(topics: ["t"], log: logs[0])
        let second = try await cluster.consumer(topics: ["t"], log: logs[1])
        async let one: Void = first.readAndCommit(logs[0]) { committed.add($0) }
        async let other: Void = second.readAndCommit(logs[1]) { committed.add($0) }
        try await eventually("all are committed") { committed.all.count >= expected.count }
        await second.close()
        await first.close()
        _ = await (one, other)
        #expect(committed.all.sorted() == expected.sorted())
    }

    @Test(arguments: [1, 16])
    func `a batch has something of each partition, or of as many as the least share allows`(
        leastShare: Int
    ) async throws {
        let cluster = try MockCluster()
        cluster.createTopic("t", partitions: 4)
        for partition in 0..<4 {
            try await cluster.produce((0..<1_000).map(String.init), to: "t", partition: Int32(partition))
        }
        let log = EventLog()
        let consumer = try await cluster.consumer(topics: ["t"], leastShare: leastShare, log: log) {
            $0.statisticsInterval = .milliseconds(100)
        }
        _ = try await consumer.nextBatch(max: 1)
        try await eventually("something of each is fetched") {
            (log.statistics.last?.partitions ?? []).count { $0.fetched > 100 } == 4
        }
        // One that was ready, asked for when one was wanted.
        _ = try await consumer.nextBatch(max: 100)
        let batch = try #require(try await consumer.nextBatch(max: 100))
        #expect(batch.messages.count == 100)
        #expect(Set(batch.messages.map(\.partition)) == [0, 1, 2, 3])
        // What was ready since is handed out in parts.
        for _ in 0..<20 { _ = try await consumer.nextBatch(max: 8) }
        let small = try #require(try await consumer.nextBatch(max: 8))
        #expect(small.messages.count == 8)
        #expect(Set(small.messages.map(\.partition)).count == (leastShare == 1 ? 4 : 1))
        await consumer.close()
    }

    @Test func `a slow reader stays in the group`() async throws {
        let cluster = try MockCluster()
        cluster.createTopic("t")
        try await cluster.produce((0..<2_000).map(String.init), to: "t")
        let log = EventLog()
        let consumer = try await cluster.consumer(topics: ["t"], log: log) {
            $0.maxPollInterval = .seconds(4)
            $0.statisticsInterval = .milliseconds(200)
        }
        var offsets = try await consumer.messages(10, batch: 10).map(\.offset)
        // Nothing is asked for for longer than the poll interval, by librdkafka's own clock.
        let before = log.statistics.count
        try await eventually("six seconds of statistics") { log.statistics.count >= before + 30 }
        offsets += try await consumer.messages(990, batch: 10).map(\.offset)
        #expect(offsets == Array(0..<1_000))
        #expect(log.errors == [])
        #expect(log.revocations.isEmpty)
        await consumer.close()
    }

    @Test func `a member whose session expired reads on after it rejoined`() async throws {
        let cluster = try MockCluster()
        cluster.createTopic("t")
        try await cluster.produce(["a"], to: "t")
        let log = EventLog()
        let consumer = try await cluster.consumer(topics: ["t"], log: log) { $0.sessionTimeout = .seconds(6) }
        let first = try await consumer.messages(1)
        cluster.fail(.offsetCommit, with: [.unknownMember])
        _ = try? await consumer.commit(after: first)
        let again = try await consumer.messages(1)
        #expect(again.map(\.text) == ["a"])
        #expect(again[0].assignmentEpoch > first[0].assignmentEpoch)
        #expect(log.revocations.first?.isLost == true)
        await consumer.close()
    }
}

private final class Texts: Sendable {
    private let texts = Mutex<[String]>([])
    var all: [String] { texts.withLock { $0 } }
    func add(_ more: [String]) { texts.withLock { $0 += more } }
}

extension Consumer {
    fileprivate func readUntilClosed() async throws {
        while try await nextBatch(max: 10) != nil {}
    }

    /// Reads until closed, and tells what was committed. Only what another member will read is given up.
    fileprivate func readAndCommit(_ log: EventLog, _ tell: @Sendable ([String]) -> Void) async {
        while var pending = try? await nextBatch(max: 5)?.messages {
            while !pending.isEmpty {
                guard let results = try? await commit(after: pending) else { return }
                let outcomes = Dictionary(uniqueKeysWithValues: results.map { ($0.partition, $0.error) })
                tell(pending.filter { outcomes[$0.topicPartition] == .some(nil) }.compactMap(\.text))
                // What is not held any more is the next owner's; it would be refused for ever.
                pending.removeAll {
                    outcomes[$0.topicPartition] == .some(nil) || log.epoch(of: $0.topicPartition) != $0.assignmentEpoch
                }
            }
        }
    }
}
