import Foundation
import KafkaProtocol
import Logging
import NIOCore
import Testing

@testable import FakeBroker

/// A folder of one test, and a cluster that is kept in it.
private final class KeptCluster {
    let folder = FileManager.default.temporaryDirectory.appending(path: "fake-broker-\(UUID().uuidString)").path()

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    /// Starts brokers, and stops them afterwards.
    @discardableResult
    func run<Result>(
        _ change: (inout FakeBroker.Configuration) -> Void = { _ in }, _ body: (FakeBroker) async throws -> Result
    ) async throws -> Result {
        var configuration = FakeBroker.Configuration()
        configuration.logDirectory = folder
        change(&configuration)
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let broker = try await FakeBroker.start(configuration, logger: logger)
        do {
            let result = try await body(broker)
            await broker.shutdown()
            return result
        } catch {
            await broker.shutdown()
            throw error
        }
    }

    func file(_ suffix: String) throws -> String {
        let names = try FileManager.default.subpathsOfDirectory(atPath: folder).filter { $0.hasSuffix(suffix) }.sorted()
        return folder + "/" + (try #require(names.last))
    }

    func bytes(_ path: String) throws -> Data { try Data(contentsOf: URL(filePath: path)) }

    func write(_ bytes: Data, to path: String) throws { try bytes.write(to: URL(filePath: path)) }
}

@Suite struct `A log directory` {
    private let kept = KeptCluster()

    private func texts(_ broker: FakeBroker, _ topic: String = "t") async throws -> [String] {
        try await broker.records(topic: topic).map { $0.text ?? "-" }
    }

    private func commit(_ offset: Int64, group: String, to client: TestClient) async throws -> ErrorCode? {
        var partition = OffsetCommitRequest.OffsetCommitRequestPartition()
        partition.committedOffset = offset
        partition.committedMetadata = "why"
        var topic = OffsetCommitRequest.OffsetCommitRequestTopic()
        topic.name = "t"
        topic.partitions = [partition]
        var request = OffsetCommitRequest()
        request.groupID = group
        request.generationIDOrMemberEpoch = -1
        request.topics = [topic]
        let answer = try await client.call(.offsetCommit(request), version: 7)
        guard case .offsetCommit(let response) = answer else { return nil }
        return response.topics[0].partitions[0].errorCode
    }

    @Test func `gives the next process topics, records, offsets and ids`() async throws {
        let (id, cluster) = try await kept.run { broker in
            try await broker.createTopic("t", partitions: 2, configs: ["retention.ms": "-1"])
            try await broker.createTopic("gone")
            try await broker.append([.init("a", key: "k"), .init("b")], to: "t")
            try await broker.append([.init("c")], to: "t", partition: 1)
            try await broker.append([.init("x")], to: "gone")
            try await broker.deleteTopic("gone")
            let client = try await TestClient.connect(to: broker)
            #expect(try await commit(1, group: "g", to: client) == ErrorCode.none)
            #expect(try await commit(2, group: "g", to: client) == ErrorCode.none)
            return try await broker.onLoop { ($0.cluster.topics["t"]?.id, $0.cluster.clusterID) }
        }
        for round in 0..<2 {
            try await kept.run { broker in
                #expect(try await broker.topics() == ["t"])
                let found = try await broker.onLoop { ($0.cluster.topics["t"]?.id, $0.cluster.clusterID) }
                #expect(found == (id, cluster))
                #expect(try await broker.onLoop { $0.cluster.topics["t"]?.settings.value(of: "retention.ms") } == "-1")
                #expect(Array(try await texts(broker).prefix(2)) == ["a", "b"])
                #expect(try await broker.endOffsets(topic: "t") == [Int64(2 + round), 1])
                let offset = try await broker.onLoop {
                    $0.cluster.offsets.offset(group: "g", partition: TopicPartition(topic: "t", partition: 0))
                }
                #expect(offset?.offset == 2)
                #expect(offset?.metadata == "why")
                try await broker.append([.init("more")], to: "t")
            }
        }
    }

    @Test func `cuts a torn end off, and goes on`() async throws {
        try await kept.run { broker in
            try await broker.createTopic("t")
            for value in ["a", "b", "c"] { try await broker.append([.init(value)], to: "t") }
        }
        let log = try kept.file(".log")
        let whole = try kept.bytes(log)
        for cut in [1, 30, 70] {
            try kept.write(whole.dropLast(cut), to: log)
            try await kept.run { broker in
                #expect(try await texts(broker) == (cut < 69 ? ["a", "b"] : ["a"]))
                let end = try await broker.endOffsets(topic: "t")[0]
                #expect(try await broker.append([.init("new")], to: "t") == end)
            }
            let last = try await kept.run { broker in try await texts(broker).last }
            #expect(last == "new")
        }
    }

    @Test(arguments: UInt64(0)..<24)
    func `reads any damage as a shorter log`(seed: UInt64) async throws {
        let values = (0..<20).map { "value \($0)" }
        try await kept.run { broker in
            try await broker.createTopic("t", configs: ["segment.bytes": "400"])
            for value in values { try await broker.append([.init(value)], to: "t") }
        }
        var random = SeededGenerator(seed: seed)
        let path = try kept.file(seed % 3 == 0 ? "cluster.journal" : ".log")
        var bytes = try kept.bytes(path)
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            guard let index = bytes.indices.randomElement(using: &random) else { continue }
            if Bool.random(using: &random) {
                bytes[index] = UInt8.random(in: 0...255, using: &random)
            } else {
                bytes = bytes.prefix(index)
            }
        }
        try kept.write(bytes, to: path)
        try await kept.run { broker in
            guard try await broker.topics() == ["t"] else { return }
            let found = try await texts(broker)
            #expect(Array(values.prefix(found.count)) == found)
            try await broker.append([.init("next")], to: "t")
            #expect(try await texts(broker) == found + ["next"])
        }
    }

    @Test func `forgets what was deleted, by hand and by compaction`() async throws {
        try await kept.run { broker in
            try await broker.createTopic("t", configs: ["segment.bytes": "150"])
            for value in ["a", "b", "c", "d"] { try await broker.append([.init(value)], to: "t") }
            try await broker.deleteRecords(topic: "t", before: 3)
            try await broker.createTopic("empty")
            try await broker.append([.init("x")], to: "empty")
            try await broker.deleteRecords(topic: "empty", before: 1)
            try await broker.createTopic("compact", configs: ["cleanup.policy": "compact"])
            for value in ["1", "2", "3"] { try await broker.append([.init(value, key: "k")], to: "compact") }
            try await broker.cleanLogs(topic: "compact")
            try await broker.append([.init("other", key: "l")], to: "compact")
        }
        try await kept.run { broker in
            let left = try await texts(broker)
            #expect(left == ["d"])
            #expect(try await broker.startOffsets(topic: "t") == [3])
            #expect(try await broker.endOffsets(topic: "empty") == [1])
            #expect(try await broker.append([.init("y")], to: "empty") == 1)
            #expect(try await texts(broker, "compact") == ["3", "other"])
        }
        let files = try FileManager.default.contentsOfDirectory(atPath: kept.folder + "/t-0")
        #expect(files.count == 1)
    }

    @Test func `ends transactions that were open, and knows producers again`() async throws {
        @Sendable func batch(_ value: String, sequence: Int32, transactional: Bool) -> ByteBuffer {
            var builder = RecordBatchBuilder()
            builder.attributes.isTransactional = transactional
            (builder.producerID, builder.producerEpoch, builder.baseSequence) = (5000, 0, sequence)
            builder.append(value: ByteBuffer(string: value), timestampMs: 1)
            return builder.build()
        }
        try await kept.run { broker in
            try await broker.createTopic("t")
            try await broker.onLoop { host in
                host.change { cluster, _, _ in
                    for (value, sequence, transactional) in [("a", Int32(0), false), ("open", 1, true)] {
                        _ = cluster.topics["t"]?.partitions[0].append(
                            batch(value, sequence: sequence, transactional: transactional),
                            AppendRules(isVerified: true))
                    }
                    cluster.storage.note("t", 0)
                }
            }
            #expect(try await broker.onLoop { $0.cluster.topics["t"]?.partitions[0].lastStableOffset } == 1)
        }
        for _ in 0..<2 {
            try await kept.run { broker in
                #expect(try await broker.endOffsets(topic: "t") == [3])
                #expect(try await broker.onLoop { $0.cluster.topics["t"]?.partitions[0].lastStableOffset } == 3)
                #expect(try await broker.records(topic: "t", committedOnly: true).map(\.text) == ["a"])
                let again = try await broker.onLoop { host in
                    host.cluster.topics["t"]?.partitions[0].append(
                        batch("a", sequence: 0, transactional: false), AppendRules())
                }
                #expect(again == .duplicate(baseOffset: 0))
                #expect(try await broker.onLoop { $0.cluster.transactions.nextProducerID } == 5001)
            }
        }
    }

    @Test(arguments: FakeBroker.LogFlush.allCases) func `is forced to the disk when the settings say`(
        flush: FakeBroker.LogFlush
    ) async throws {
        for round in 0..<2 {
            try await kept.run {
                $0.logFlush = flush
            } _: { broker in
                if round == 0 { try await broker.createTopic("t", configs: ["cleanup.policy": "compact"]) }
                try await broker.append([.init("\(round)", key: "k")], to: "t")
                try await broker.cleanLogs(topic: "t")
                #expect(try await texts(broker).last == "\(round)")
            }
        }
    }

    @Test func `gives the next process a transaction that is under way`() async throws {
        var request = InitProducerIdRequest()
        request.transactionalID = "x"
        request.transactionTimeoutMs = 60_000
        var identities: [ProducerIdentity] = []
        for _ in 0..<3 {
            let answer = try await kept.run { broker in
                try await TestClient.connect(to: broker).call(.initProducerId(request), version: 4)
            }
            guard case .initProducerId(let response) = answer else { throw UnexpectedAnswer(answer) }
            identities.append(ProducerIdentity(id: response.producerID, epoch: response.producerEpoch))
        }
        #expect(Set(identities.map(\.id)).count == 1)
        #expect(identities.map(\.epoch) == [0, 1, 2])
    }

    @Test func `is for one cluster at a time`() async throws {
        try await kept.run { _ throws in
            await #expect(throws: FakeBrokerError.self) { try await kept.run { _ in } }
        }
        try await kept.run { _ in }
    }

    @Test func `keeps what a snapshot brings back`() async throws {
        try await kept.run { broker in
            try await broker.createTopic("t")
            try await broker.append([.init("a")], to: "t")
            let snapshot = try await broker.snapshot()
            try await broker.append([.init("b")], to: "t")
            try await broker.createTopic("later")
            try await broker.restore(snapshot)
            try await broker.append([.init("c")], to: "t")
        }
        try await kept.run { broker in
            let topics = try await broker.topics()
            #expect(topics == ["t"])
            #expect(try await texts(broker) == ["a", "c"])
        }
    }

    @Test func `makes the topics of the settings once`() async throws {
        for _ in 0..<2 {
            try await kept.run {
                $0.topics = [.init("t", partitions: 3)]
            } _: { broker in
                #expect(try await broker.endOffsets(topic: "t").count == 3)
                try await broker.append([.init("a")], to: "t", partition: 2)
            }
        }
        let ends = try await kept.run { broker in try await broker.endOffsets(topic: "t") }
        #expect(ends == [0, 0, 2])
    }
}

@Suite struct `A journal entry` {
    private static let all: [StoredEntry] = [
        .cluster(id: "abc", nextProducerID: 7),
        .topic(
            .init(
                name: "t", id: TopicID(high: 1, low: 2), replicas: [[1, 2], [], [3]],
                configs: .init(sorting: ["retention.ms": "5"]))),
        .topicDeleted("t"), .start(TopicPartition(topic: "t", partition: 3), 9),
        .offset(
            group: "g", TopicPartition(topic: "t", partition: 3),
            CommittedOffset(offset: 4, leaderEpoch: 5, metadata: nil, committedAtMilliseconds: 6)),
        .offset(
            group: "g", TopicPartition(topic: "t", partition: 3),
            CommittedOffset(offset: 4, leaderEpoch: 5, metadata: "ü", committedAtMilliseconds: 6)),
        .offsetRemoved(group: "g", TopicPartition(topic: "t", partition: 3)),
        .transaction(
            Transaction.Stored(
                id: "x", producer: ProducerIdentity(id: 5, epoch: 3), state: 1, timeoutMs: 60_000,
                partitions: [TopicPartition(topic: "t", partition: 3)], groups: ["g", "h"], startedMs: 4,
                lastChangeMs: 5, lastEpoch: 2, previousProducerID: 1, nextProducerID: -1, bumpsEpoch: true),
            [
                .init(
                    group: "g", partition: TopicPartition(topic: "t", partition: 3),
                    offset: CommittedOffset(offset: 4, leaderEpoch: 5, metadata: "m", committedAtMilliseconds: 6))
            ]),
        .transactionRemoved("x"),
        .share(
            group: "s",
            [
                .init(
                    partition: TopicIDPartition(topicID: TopicID(high: 1, low: 2), partition: 3), startOffset: 7,
                    runs: [.init(state: 0, count: 2, length: 5), .init(state: 2, count: 0, length: 1)])
            ]),
        .share(group: "s", []), .shareRemoved("s"),
    ]

    @Test func `comes back from its bytes`() {
        var bytes = ByteBuffer()
        for entry in Self.all { entry.encode(into: &bytes) }
        var found: [StoredEntry] = []
        while let entry = StoredEntry.decode(from: &bytes) { found.append(entry) }
        #expect(found == Self.all)
        #expect(bytes.readableBytes == 0)
    }

    @Test(arguments: UInt64(0)..<50)
    func `is left unread if it is damaged`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for entry in Self.all {
            var bytes = ByteBuffer()
            entry.encode(into: &bytes)
            let index = Int.random(in: 0..<bytes.readableBytes, using: &random)
            let byte = bytes.getInteger(at: index, as: UInt8.self) ?? 0
            bytes.setInteger(byte ^ UInt8.random(in: 1...255, using: &random), at: index)
            let size = bytes.readableBytes
            #expect(StoredEntry.decode(from: &bytes) == nil)
            #expect(bytes.readableBytes == size)
        }
    }
}
