import KafkaProtocol
import NIOCore
import Testing

@testable import FakeBroker

/// A rule for a topic leaves alone what else a request is about.
@Suite struct `A fault of one topic` {
    private func cluster(_ act: FaultAction, _ topic: String = "bad*") -> VirtualCluster {
        VirtualCluster {
            $0.topics = [.init("good"), .init("bad-1"), .init("bad-2")]
            $0.faults = [FaultRule(act, topic: topic)]
        }
    }

    private static let names = ["bad-1", "good", "bad-2"]

    private func produce(_ brokers: inout VirtualCluster) throws -> [String: ErrorCode] {
        var request = ProduceRequest()
        request.acks = -1
        request.topicData = Self.names.map { name in
            var topic = ProduceRequest.TopicProduceData()
            topic.name = name
            topic.partitionData = [.init()]
            topic.partitionData[0].records = Batches.make([name])
            return topic
        }
        let answer = brokers.send(.produce(request), version: 9)
        guard case .produce(let response) = answer else { throw UnexpectedAnswer(answer) }
        return Dictionary(
            uniqueKeysWithValues: response.responses.map { ($0.name, $0.partitionResponses[0].errorCode) })
    }

    private func ends(_ brokers: VirtualCluster) -> [Int64?] {
        Self.names.map { brokers.cluster.topics[$0]?.partitions[0].log.endOffset }
    }

    @Test func `is told of it alone, and the others are written`() throws {
        var brokers = cluster(.fail(.notLeaderOrFollower))
        var expected: [String: ErrorCode] = [
            "bad-1": .notLeaderOrFollower, "good": .none, "bad-2": .notLeaderOrFollower,
        ]
        #expect(try produce(&brokers) == expected)
        #expect(ends(brokers) == [0, 1, 0])
        brokers = cluster(.failAfterwards(.requestTimedOut), "bad-2")
        expected = ["bad-1": .none, "good": .none, "bad-2": .requestTimedOut]
        #expect(try produce(&brokers) == expected)
        #expect(ends(brokers) == [1, 1, 1])
    }

    private func fetch(_ brokers: inout VirtualCluster, session: (id: Int32, epoch: Int32)) throws -> FetchResponse {
        var request = VirtualCluster.fetchRequest()
        request.sessionID = session.id
        request.sessionEpoch = session.epoch
        request.topics = session.epoch > 0 ? [] : Self.names.flatMap { VirtualCluster.fetchRequest($0).topics }
        let response = brokers.fetch(request)
        return try #require(response)
    }

    @Test func `leaves a fetch the records of the others, in a session too`() throws {
        var brokers = cluster(.lie(.emptyFetch), "none")
        _ = try produce(&brokers)
        var response = try fetch(&brokers, session: (0, 0))
        #expect(try response.values == ["bad-1", "good", "bad-2"])
        brokers.change { cluster, _, _ in
            cluster.faults = Faults([FaultRule(.fail(.kafkaStorageError), topic: "bad-1")], seed: 1)
        }
        response = try fetch(&brokers, session: (response.sessionID, 1))
        #expect(response.errorCode == .none)
        #expect(try response.values == ["good", "bad-2"])
        let bad = try #require(response.responses.first { $0.topic == "bad-1" }?.partitions.first)
        #expect(bad.errorCode == .kafkaStorageError)
        #expect(bad.highWatermark == -1)
        brokers.change { cluster, _, _ in
            cluster.faults = Faults([FaultRule(.lie(.emptyFetch), topic: "bad-1")], seed: 1)
        }
        #expect(try fetch(&brokers, session: (0, 0)).values == ["good", "bad-2"])
        brokers.change { cluster, _, _ in cluster.faults = Faults([FaultRule(.badCRC, topic: "bad-1")], seed: 1) }
        response = try fetch(&brokers, session: (0, -1))
        for topic in response.responses {
            var records = try #require(topic.partitions[0].records)
            let next = try RecordBatch.next(from: &records)
            let (batch, bytes) = try #require(next)
            #expect((RecordBatch.checksum(of: bytes) == batch.crc) == (topic.topic != "bad-1"))
        }
    }

    @Test func `is told of offsets asked for and committed`() throws {
        var brokers = cluster(.fail(.groupAuthorizationFailed))
        var list = ListOffsetsRequest()
        list.topics = Self.names.map { name in
            var topic = ListOffsetsRequest.ListOffsetsTopic()
            topic.name = name
            topic.partitions = [.init()]
            topic.partitions[0].timestamp = -1
            return topic
        }
        guard case .listOffsets(let listed) = brokers.send(.listOffsets(list)) else { throw UnexpectedAnswer(nil) }
        #expect(listed.topics.map { $0.partitions[0].errorCode == .none } == [false, true, false])
        #expect(listed.topics.map { $0.partitions[0].offset } == [-1, 0, -1])

        var commit = OffsetCommitRequest()
        commit.groupID = "g"
        commit.generationIDOrMemberEpoch = -1
        commit.topics = Self.names.map { name in
            var topic = OffsetCommitRequest.OffsetCommitRequestTopic()
            topic.name = name
            topic.partitions = [.init()]
            topic.partitions[0].committedOffset = 5
            return topic
        }
        guard case .offsetCommit(let committed) = brokers.send(.offsetCommit(commit), version: 9) else {
            throw UnexpectedAnswer(nil)
        }
        #expect(committed.topics.filter { $0.partitions[0].errorCode == .none }.map(\.name) == ["good"])
        #expect(committed.topics.count == 3)
        #expect(brokers.cluster.offsets.offsets(group: "g").map(\.partition.topic) == ["good"])

        var asked = OffsetFetchRequest.OffsetFetchRequestGroup()
        asked.groupID = "g"
        asked.topics = Self.names.map { name in
            var topic = OffsetFetchRequest.OffsetFetchRequestTopics()
            topic.name = name
            topic.partitionIndexes = [0]
            return topic
        }
        var fetch = OffsetFetchRequest()
        fetch.groups = [asked]
        guard case .offsetFetch(let fetched) = brokers.send(.offsetFetch(fetch), version: 9) else {
            throw UnexpectedAnswer(nil)
        }
        #expect(fetched.groups[0].errorCode == .none)
        #expect(fetched.groups[0].topics.map { $0.partitions[0].errorCode == .none } == [false, true, false])

        brokers = cluster(.lie(.lostCommit))
        guard case .offsetCommit(let lost) = brokers.send(.offsetCommit(commit), version: 9) else {
            throw UnexpectedAnswer(nil)
        }
        #expect(lost.topics.allSatisfy { $0.partitions[0].errorCode == .none })
        #expect(brokers.cluster.offsets.offsets(group: "g").map(\.partition.topic) == ["good"])
    }

    @Test func `leaves a listing its brokers, and an administrator the other topics`() throws {
        var brokers = cluster(.fail(.topicAuthorizationFailed))
        var metadata = MetadataRequest()
        metadata.topics = Self.names.map { name in
            var topic = MetadataRequest.MetadataRequestTopic()
            topic.name = name
            return topic
        }
        guard case .metadata(let told) = brokers.send(.metadata(metadata), version: 9) else {
            throw UnexpectedAnswer(nil)
        }
        #expect(told.brokers.count == 1)
        #expect(told.topics.filter { $0.errorCode == .none }.map(\.name) == ["good"])
        #expect(told.topics.count == 3)
        var delete = DeleteTopicsRequest()
        delete.topicNames = Self.names
        guard case .deleteTopics(let deleted) = brokers.send(.deleteTopics(delete), version: 5) else {
            throw UnexpectedAnswer(nil)
        }
        #expect(deleted.responses.count == 3)
        #expect(brokers.cluster.topics.allNames == ["bad-1", "bad-2"])
    }

    /// By id too, where a version names topics so; whatever the request, the reply can be written.
    @Test(arguments: Cluster.answeredAPIs) func `never breaks a reply`(api: APIKey) throws {
        for version in api.stableVersions {
            for act in [FaultAction.fail(.unknownServerError), .failAfterwards(.unknownServerError)] {
                let request = Request.sample(api, version: version, seed: 5)
                var brokers = cluster(act, "*")
                let id = request.namedTopics(version: version)
                for name in id.names {
                    brokers.change { cluster, _, _ in
                        _ = cluster.createTopic(name, partitions: 1, replicationFactor: 1)
                    }
                }
                var bytes = ByteBuffer()
                try brokers.send(request, version: version)?.encode(version: version, into: &bytes)
            }
        }
    }
}
