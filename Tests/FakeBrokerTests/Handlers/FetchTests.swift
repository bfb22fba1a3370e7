import KafkaProtocol
import NIOCore
import Testing

@testable import FakeBroker

@Suite struct `Fetch` {
    private var brokers = VirtualCluster { $0.topics = [.init("t", partitions: 3)] }

    // MARK: The long poll

    @Test mutating func `at the end of the log is answered by the produce`() throws {
        #expect(brokers.fetch(VirtualCluster.fetchRequest()) == nil)
        brokers.pass(.milliseconds(100))
        #expect(brokers.take(1).isEmpty)
        _ = brokers.produce(Batches.make(["a"]))
        #expect(try brokers.takeFetch(1).values == ["a"])
        brokers.pass(.seconds(10))
        #expect(brokers.take(1).isEmpty)
    }

    @Test mutating func `at the end of the log is answered empty after its max wait`() throws {
        #expect(brokers.fetch(VirtualCluster.fetchRequest()) == nil)
        brokers.pass(.milliseconds(499))
        #expect(brokers.take(1).isEmpty)
        brokers.pass(.milliseconds(1))
        let response = try brokers.takeFetch(1)
        #expect(response.only?.errorCode == ErrorCode.none)
        #expect(response.only?.records?.readableBytes == 0)
    }

    @Test mutating func `waits for its min bytes over all its partitions`() throws {
        let size = Int32(Batches.make(["a"]).readableBytes)
        #expect(brokers.fetch(VirtualCluster.fetchRequest(partitions: [0, 1, 2], minBytes: 2 * size)) == nil)
        _ = brokers.produce(Batches.make(["a"]), partition: 2)
        #expect(brokers.take(1).isEmpty)
        _ = brokers.produce(Batches.make(["b"]), partition: 1)
        #expect(try brokers.takeFetch(1).values == ["b", "a"])
    }

    @Test mutating func `counts what is there already towards its min bytes`() throws {
        let size = Int32(Batches.make(["a"]).readableBytes)
        _ = brokers.produce(Batches.make(["a"]))
        #expect(brokers.fetch(VirtualCluster.fetchRequest(minBytes: size + 1)) == nil)
        _ = brokers.produce(Batches.make(["b"]))
        #expect(try brokers.takeFetch(1).values == ["a", "b"])
    }

    @Test mutating func `that wants no bytes or will not wait is answered at once`() throws {
        #expect(brokers.fetch(VirtualCluster.fetchRequest(minBytes: 0)) != nil)
        #expect(brokers.fetch(VirtualCluster.fetchRequest(maxWait: .zero)) != nil)
    }

    @Test mutating func `is not woken by other partitions`() throws {
        #expect(brokers.fetch(VirtualCluster.fetchRequest(partitions: [0])) == nil)
        _ = brokers.produce(Batches.make(["a"]), partition: 1)
        #expect(brokers.take(1).isEmpty)
    }

    @Test mutating func `wakes everyone who waits, in the order they came`() throws {
        for client in UInt64(1)...3 { #expect(brokers.fetch(VirtualCluster.fetchRequest(), from: client) == nil) }
        _ = brokers.produce(Batches.make(["a"]))
        for client in UInt64(1)...3 { #expect(try brokers.takeFetch(client).values == ["a"]) }
    }

    @Test mutating func `of a closed connection is forgotten`() {
        #expect(brokers.fetch(VirtualCluster.fetchRequest()) == nil)
        brokers.cluster.connectionClosed(ConnectionID(1))
        _ = brokers.produce(Batches.make(["a"]))
        brokers.pass(.seconds(1))
        #expect(brokers.take(1).isEmpty)
        #expect(brokers.cluster.topics["t"]?.partitions[0].waitingFetches.isEmpty == true)
    }

    @Test mutating func `of a deleted topic is told so`() throws {
        #expect(brokers.fetch(VirtualCluster.fetchRequest()) == nil)
        #expect(brokers.change { cluster, _, effects in cluster.deleteTopic("t", effects: &effects) })
        #expect(try brokers.takeFetch(1).only?.errorCode == .unknownTopicOrPartition)
    }

    // MARK: What is returned

    @Test mutating func `returns the first batch whole, whatever its size`() throws {
        _ = brokers.produce(Batches.make(["a", "b", "c"]))
        _ = brokers.produce(Batches.make(["d"]))
        let response = brokers.fetch(VirtualCluster.fetchRequest(offset: 1, maxBytes: 1, partitionMaxBytes: 1))
        #expect(try response?.values == ["a", "b", "c"])
    }

    @Test mutating func `keeps to its max bytes beyond the first batch`() throws {
        let size = Int32(Batches.make(["a"]).readableBytes)
        for partition in Int32(0)..<3 { _ = brokers.produce(Batches.make(["\(partition)"]), partition: partition) }
        let fits = brokers.fetch(VirtualCluster.fetchRequest(partitions: [0, 1, 2], maxBytes: 2 * size))
        #expect(try fits?.values == ["0", "1"])
        let less = brokers.fetch(VirtualCluster.fetchRequest(partitions: [0, 1, 2], maxBytes: 2 * size - 1))
        #expect(try less?.values == ["0"])
    }

    @Test mutating func `keeps to the max bytes of a partition`() throws {
        let size = Int32(Batches.make(["a"]).readableBytes)
        for value in ["a", "b", "c"] { _ = brokers.produce(Batches.make([value])) }
        #expect(try brokers.fetch(VirtualCluster.fetchRequest(partitionMaxBytes: 2 * size))?.values == ["a", "b"])
    }

    @Test mutating func `tells where the log begins and ends`() {
        _ = brokers.produce(Batches.make(["a", "b"]))
        let partition = brokers.fetch(VirtualCluster.fetchRequest())?.only
        #expect(partition?.highWatermark == 2)
        #expect(partition?.lastStableOffset == 2)
        #expect(partition?.logStartOffset == 0)
    }

    // MARK: Errors

    @Test(arguments: [(Int64(-1), ErrorCode.offsetOutOfRange), (0, .none), (1, .none), (2, .offsetOutOfRange)])
    mutating func `knows offsets from the start to the end`(offset: Int64, error: ErrorCode) {
        _ = brokers.produce(Batches.make(["a"]))
        let response = brokers.fetch(VirtualCluster.fetchRequest(offset: offset, maxWait: .zero))
        #expect(response?.only?.errorCode == error)
    }

    @Test mutating func `does not wait with an error to tell`() {
        #expect(brokers.fetch(VirtualCluster.fetchRequest("x"))?.only?.errorCode == .unknownTopicOrPartition)
        #expect(
            brokers.fetch(VirtualCluster.fetchRequest(partitions: [3]))?.only?.errorCode == .unknownTopicOrPartition)
    }

    @Test mutating func `of an unknown topic id is told so`() {
        var request = VirtualCluster.fetchRequest("")
        request.topics[0].topicID = TopicID(high: 1, low: 2)
        #expect(brokers.fetch(request, version: 13)?.only?.errorCode == .unknownTopicID)
        request.topics[0].topicID = brokers.cluster.topics["t"]?.id ?? .zero
        #expect(brokers.fetch(request, version: 13) == nil)
    }

    @Test(arguments: [(Int32(-1), ErrorCode.none), (0, .none), (1, .unknownLeaderEpoch)])
    mutating func `is fenced by the leader epoch`(epoch: Int32, error: ErrorCode) {
        let response = brokers.fetch(VirtualCluster.fetchRequest(maxWait: .zero, leaderEpoch: epoch))
        #expect(response?.only?.errorCode == error)
    }
}

@Suite struct `Fetch from brokers that stop` {
    private var brokers = VirtualCluster {
        $0.brokers = 3
        $0.topics = [.init("t", replicationFactor: 3), .init("alone", replicationFactor: 1)]
    }

    private func leader(_ topic: String) -> Int32 { brokers.cluster.topics[topic]?.partitions[0].leader ?? -2 }

    @Test mutating func `names the leader to whoever asks another broker`() {
        let leader = leader("t")
        let other = leader % 3 + 1
        let response = brokers.fetch(VirtualCluster.fetchRequest(), version: 16, broker: other)
        #expect(response?.only?.errorCode == .notLeaderOrFollower)
        #expect(response?.only?.currentLeader.leaderID == leader)
        #expect(response?.nodeEndpoints.first?.port == 9000 + leader)
    }

    @Test mutating func `goes on at the next replica with a new epoch`() throws {
        let first = leader("t")
        _ = brokers.produce(Batches.make(["a"]), broker: first)
        #expect(brokers.change { cluster, _, _ in cluster.setBroker(first, isUp: false) })
        let second = leader("t")
        #expect(second != first && second > 0)
        let fenced = brokers.fetch(VirtualCluster.fetchRequest(leaderEpoch: 0), broker: second)
        #expect(fenced?.only?.errorCode == .fencedLeaderEpoch)
        #expect(try brokers.fetch(VirtualCluster.fetchRequest(leaderEpoch: 1), broker: second)?.values == ["a"])
    }

    @Test mutating func `cannot go on without a replica until the broker is back`() {
        let only = leader("alone")
        _ = brokers.change { cluster, _, _ in cluster.setBroker(only, isUp: false) }
        #expect(leader("alone") == -1)
        _ = brokers.change { cluster, _, _ in cluster.setBroker(only, isUp: true) }
        #expect(leader("alone") == only)
    }
}
