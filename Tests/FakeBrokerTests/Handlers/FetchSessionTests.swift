import KafkaProtocol
import NIOCore
import Testing

@testable import FakeBroker

@Suite struct `A fetch session` {
    private var brokers = VirtualCluster {
        $0.topics = [.init("t", partitions: 3), .init("u")]
        $0.limits.fetchSessions = 2
    }

    /// A fetch that does not wait, for these partitions of `t`.
    private func request(
        _ partitions: [Int32], id: Int32 = 0, epoch: Int32, offset: Int64 = 0, forgotten: [Int32] = [],
        maxWait: Duration = .zero
    ) -> FetchRequest {
        var request = VirtualCluster.fetchRequest(partitions: partitions, offset: offset, maxWait: maxWait)
        if partitions.isEmpty { request.topics = [] }
        request.sessionID = id
        request.sessionEpoch = epoch
        if !forgotten.isEmpty {
            var topic = FetchRequest.ForgottenTopic()
            topic.topic = "t"
            topic.partitions = forgotten
            request.forgottenTopicsData = [topic]
        }
        return request
    }

    private mutating func fetch(_ request: FetchRequest, broker: Int32 = 1) throws -> FetchResponse {
        let response = brokers.fetch(request, broker: broker)
        return try #require(response)
    }

    private func partitions(_ response: FetchResponse) -> [Int32] {
        response.responses.flatMap(\.partitions).map(\.partitionIndex)
    }

    @Test mutating func `names its partitions once, and tells of what is new`() throws {
        let first = try fetch(request([0, 1, 2], epoch: 0))
        #expect(first.sessionID != 0)
        #expect(partitions(first) == [0, 1, 2])
        let quiet = try fetch(request([], id: first.sessionID, epoch: 1))
        #expect(quiet.sessionID == first.sessionID)
        #expect(quiet.responses.isEmpty)
        _ = brokers.produce(Batches.make(["a"]), partition: 1)
        let news = try fetch(request([], id: first.sessionID, epoch: 2))
        #expect(partitions(news) == [1])
        #expect(try news.values == ["a"])
        // Its offset is as it was until the client says another.
        #expect(try fetch(request([], id: first.sessionID, epoch: 3)).values == ["a"])
        let moved = try fetch(request([1], id: first.sessionID, epoch: 4, offset: 1))
        #expect(moved.responses.isEmpty)
    }

    @Test mutating func `takes partitions in and forgets others`() throws {
        let id = try fetch(request([0], epoch: 0)).sessionID
        #expect(partitions(try fetch(request([2], id: id, epoch: 1))) == [2])
        for partition in Int32(0)...2 { _ = brokers.produce(Batches.make(["\(partition)"]), partition: partition) }
        #expect(partitions(try fetch(request([], id: id, epoch: 2, forgotten: [0]))) == [2])
        // Nothing is left of it.
        #expect(try fetch(request([], id: id, epoch: 3, forgotten: [2])).sessionID == 0)
        #expect(try fetch(request([], id: id, epoch: 4)).errorCode == .fetchSessionIDNotFound)
    }

    @Test mutating func `waits like any other fetch`() throws {
        let id = try fetch(request([0, 1], epoch: 0)).sessionID
        #expect(brokers.fetch(request([], id: id, epoch: 1, maxWait: .seconds(1))) == nil)
        _ = brokers.produce(Batches.make(["a"]), partition: 1)
        let woken = try brokers.takeFetch(1)
        #expect(partitions(woken) == [1])
        #expect(brokers.fetch(request([1], id: id, epoch: 2, offset: 1, maxWait: .seconds(1))) == nil)
        brokers.pass(.seconds(1))
        let empty = try brokers.takeFetch(1)
        #expect(empty.responses.isEmpty && empty.sessionID == id)
    }

    @Test mutating func `gives the others their turn after one that had something`() throws {
        let id = try fetch(request([0, 1], epoch: 0)).sessionID
        for partition in Int32(0)...1 {
            for _ in 0..<2 { _ = brokers.produce(Batches.make(["\(partition)"]), partition: partition) }
        }
        let size = Int32(Batches.make(["0"]).readableBytes)
        func one(_ epoch: Int32) throws -> [String] {
            var request = request([], id: id, epoch: epoch)
            request.maxBytes = size
            return try fetch(request).values
        }
        #expect(try one(1) == ["0"])
        #expect(try one(2) == ["1"])
        #expect(try one(3) == ["0"])
    }

    @Test mutating func `keeps to its epochs and its broker`() throws {
        let id = try fetch(request([0], epoch: 0)).sessionID
        #expect(try fetch(request([], id: id, epoch: 2)).errorCode == .invalidFetchSessionEpoch)
        #expect(try fetch(request([], id: id, epoch: 1)).errorCode == .none)
        #expect(try fetch(request([], id: id, epoch: 1)).errorCode == .invalidFetchSessionEpoch)
        #expect(try fetch(request([], id: id + 1, epoch: 1)).errorCode == .fetchSessionIDNotFound)
        #expect(try fetch(request([], epoch: 1)).errorCode == .invalidFetchSessionEpoch)
        var byID = request([], id: id, epoch: 2)
        byID.topics = []
        #expect(brokers.fetch(byID, version: 13)?.errorCode == .fetchSessionTopicIDError)
    }

    @Test mutating func `is closed, or begun anew, by the client`() throws {
        let id = try fetch(request([0], epoch: 0)).sessionID
        let next = try fetch(request([1], id: id, epoch: 0))
        #expect(next.sessionID != id && next.sessionID != 0)
        #expect(brokers.cluster.fetchSessions.count == 1)
        let last = try fetch(request([1], id: next.sessionID, epoch: -1))
        #expect(last.sessionID == 0 && partitions(last) == [1])
        #expect(brokers.cluster.fetchSessions.count == 0)
    }

    @Test mutating func `is declined where there is no room, until one is idle`() throws {
        for _ in 0..<2 { #expect(try fetch(request([0], epoch: 0)).sessionID != 0) }
        #expect(try fetch(request([0], epoch: 0)).sessionID == 0)
        brokers.pass(.seconds(121))
        #expect(try fetch(request([0], epoch: 0)).sessionID != 0)
        #expect(brokers.cluster.fetchSessions.count == 2)
    }

    @Test mutating func `tells of errors every time`() throws {
        let id = try fetch(request([0, 7], epoch: 0)).sessionID
        for epoch in Int32(1)...2 {
            let response = try fetch(request([], id: id, epoch: epoch))
            #expect(partitions(response) == [7])
            #expect(response.only?.errorCode == .unknownTopicOrPartition)
        }
    }

    @Test mutating func `by topic ids goes on by them`() throws {
        var first = request([0], epoch: 0)
        first.topics[0].topic = ""
        first.topics[0].topicID = try #require(brokers.cluster.topics["t"]?.id)
        let answer = brokers.fetch(first, version: 13)
        let response = try #require(answer)
        #expect(response.sessionID != 0)
        _ = brokers.produce(Batches.make(["a"]))
        let next = brokers.fetch(request([], id: response.sessionID, epoch: 1), version: 13)
        #expect(try next?.values == ["a"])
        #expect(next?.responses.first?.topicID == first.topics[0].topicID)
    }

    @Test mutating func `is met by faults for its topics`() throws {
        let id = try fetch(request([0], epoch: 0)).sessionID
        brokers.cluster.setFaults([FaultRule(.fail(.notLeaderOrFollower), apis: ["Fetch"], topic: "t")])
        let response = try fetch(request([], id: id, epoch: 1))
        #expect(response.errorCode == .none)
        #expect(response.only?.errorCode == .notLeaderOrFollower)
    }
}

@Suite struct `A consumer in a rack` {
    private var brokers = VirtualCluster {
        $0.brokers = 3
        $0.racks = ["a", "b", "c"]
        $0.topics = [.init("t", replicationFactor: 3)]
    }

    private func request(_ rack: String, offset: Int64 = 0) -> FetchRequest {
        var request = VirtualCluster.fetchRequest(offset: offset)
        request.rackID = rack
        return request
    }

    private mutating func lead(by broker: Int) throws {
        try brokers.change { cluster, _, effects in
            try cluster.moveLeader("t", 0, to: broker, effects: &effects)
        }
    }

    @Test mutating func `is sent to the replica in its rack and served there`() throws {
        try lead(by: 1)
        _ = brokers.produce(Batches.make(["a"]))
        let answer = brokers.fetch(request("b"))
        let sent = try #require(answer?.only)
        #expect(sent.preferredReadReplica == 2)
        #expect(sent.errorCode == .none && sent.records?.readableBytes == 0)
        let served = brokers.fetch(request("b"), broker: 2)
        #expect(try served?.values == ["a"])
        #expect(brokers.fetch(request("a"))?.only?.preferredReadReplica == -1)
        #expect(brokers.fetch(request("nowhere"))?.only?.preferredReadReplica == -1)
        #expect(brokers.fetch(request("b"), version: 10)?.only?.preferredReadReplica == -1)
        #expect(brokers.fetch(request("b"), broker: 3)?.only?.errorCode == .notLeaderOrFollower)
    }

    @Test mutating func `waits at the follower for what is produced at the leader`() throws {
        try lead(by: 1)
        #expect(brokers.fetch(request("b"), broker: 2) == nil)
        _ = brokers.produce(Batches.make(["a"]))
        #expect(try brokers.takeFetch(1).values == ["a"])
    }

    @Test mutating func `stays with the leader while that replica is down`() throws {
        try lead(by: 1)
        _ = brokers.change { cluster, _, _ in cluster.setBroker(2, isUp: false) }
        _ = brokers.produce(Batches.make(["a"]))
        #expect(try brokers.fetch(request("b"))?.values == ["a"])
    }

    @Test mutating func `or in none is sent where the test says`() throws {
        try lead(by: 1)
        _ = brokers.produce(Batches.make(["a"]))
        brokers.cluster.readReplicas[TopicPartition(topic: "t", partition: 0)] = 3
        #expect(brokers.fetch(request(""))?.only?.preferredReadReplica == 3)
        #expect(try brokers.fetch(request(""), broker: 3)?.values == ["a"])
    }
}
