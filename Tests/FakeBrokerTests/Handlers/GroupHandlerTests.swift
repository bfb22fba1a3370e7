import KafkaProtocol
import NIOCore
import Testing

@testable import FakeBroker

/// The handlers around ``ClassicGroup``: coordinators, timers, commits. The group itself has its own tests.
@Suite struct `Group requests` {
    private var brokers = VirtualCluster { $0.topics = [.init("t", partitions: 2)] }

    private mutating func join(
        _ member: String = "", client: UInt64 = 1, version: Int16 = 3, group: String = "g", session: Int32 = 10_000,
        broker: Int32 = 1
    ) -> JoinGroupResponse? {
        var request = JoinGroupRequest()
        request.groupID = group
        request.memberID = member
        request.sessionTimeoutMs = session
        request.rebalanceTimeoutMs = 30_000
        request.protocolType = "consumer"
        var range = JoinGroupRequest.JoinGroupRequestProtocol()
        range.name = "range"
        request.protocols = [range]
        guard
            case .joinGroup(let response) = brokers.send(
                .joinGroup(request), version: version, from: client, to: broker)
        else { return nil }
        return response
    }

    private mutating func commit(
        _ offset: Int64, member: String = "", generation: Int32 = -1, partition: Int32 = 0, metadata: String? = nil,
        group: String = "g", topic: String = "t"
    ) -> ErrorCode? {
        var request = OffsetCommitRequest()
        request.groupID = group
        request.memberID = member
        request.generationIDOrMemberEpoch = generation
        var asked = OffsetCommitRequest.OffsetCommitRequestPartition()
        asked.partitionIndex = partition
        asked.committedOffset = offset
        asked.committedMetadata = metadata
        var named = OffsetCommitRequest.OffsetCommitRequestTopic()
        named.name = topic
        named.partitions = [asked]
        request.topics = [named]
        guard case .offsetCommit(let response) = brokers.send(.offsetCommit(request), version: 9) else { return nil }
        return response.topics[0].partitions[0].errorCode
    }

    private mutating func committed(version: Int16, partitions: [Int32]? = [0, 1]) throws -> [Int64] {
        var request = OffsetFetchRequest()
        request.groupID = "g"
        if let partitions {
            var topic = OffsetFetchRequest.OffsetFetchRequestTopic()
            topic.name = "t"
            topic.partitionIndexes = partitions
            request.topics = [topic]
        }
        if version >= 8 {
            var group = OffsetFetchRequest.OffsetFetchRequestGroup()
            group.groupID = "g"
            group.topics = request.topics?.map { asked in
                var topic = OffsetFetchRequest.OffsetFetchRequestTopics()
                topic.name = version >= 10 ? "" : asked.name
                topic.topicID = version >= 10 ? brokers.cluster.topics["t"]?.id ?? .zero : .zero
                topic.partitionIndexes = asked.partitionIndexes
                return topic
            }
            request.groups = [group]
        }
        guard case .offsetFetch(let response) = brokers.send(.offsetFetch(request), version: version) else {
            throw UnexpectedAnswer(nil)
        }
        // What a client of this version would see.
        var bytes = ByteBuffer()
        try Response.offsetFetch(response).encode(version: version, into: &bytes)
        guard case .offsetFetch(let seen) = try Response.decode(.offsetFetch, version: version, from: &bytes) else {
            throw UnexpectedAnswer(nil)
        }
        return version >= 8
            ? seen.groups.flatMap(\.topics).flatMap(\.partitions).map(\.committedOffset)
            : seen.topics.flatMap(\.partitions).map(\.committedOffset)
    }

    @Test mutating func `a session that ends in silence is noticed without another request`() throws {
        let joined = try #require(join())
        #expect(brokers.cluster.groups["g"]?.memberIDs == [joined.memberID])
        brokers.pass(.seconds(10))
        #expect(brokers.cluster.groups["g"]?.memberIDs == [])
    }

    @Test mutating func `a rebalance timeout is noticed without another request`() throws {
        let first = try #require(join())
        #expect(join(client: 2) == nil)
        for _ in 0..<10 {
            brokers.pass(.seconds(3))
            var heartbeat = HeartbeatRequest()
            heartbeat.groupID = "g"
            heartbeat.memberID = first.memberID
            heartbeat.generationID = 1
            _ = brokers.send(.heartbeat(heartbeat))
        }
        guard case .joinGroup(let second) = brokers.take(2).first else {
            Issue.record("the second member was not let go")
            return
        }
        #expect(second.generationID == 2)
        #expect(second.leader == second.memberID)
    }

    @Test mutating func `a member's id begins with its client's and is the seed's`() throws {
        let id = try #require(join()).memberID
        #expect(id.hasPrefix("client-1-"))
        var again = `Group requests`()
        #expect(again.join()?.memberID == id)
    }

    @Test(arguments: [(Int16(3), ErrorCode.none), (4, .memberIDRequired), (9, .memberIDRequired)])
    mutating func `a member id is required from version 4 on`(version: Int16, error: ErrorCode) {
        #expect(join(version: version)?.errorCode == error)
    }

    @Test(arguments: [
        (Int32(9), ErrorCode.invalidSessionTimeout), (10, .none), (1_800_000, .none),
        (1_800_001, .invalidSessionTimeout),
    ])
    mutating func `session timeouts are bounded`(session: Int32, error: ErrorCode) {
        #expect(join(session: session)?.errorCode == error)
    }

    @Test mutating func `a stranger does not bring a group into being`() {
        #expect(join("stranger")?.errorCode == .unknownMemberID)
        #expect(brokers.cluster.groups.ids.isEmpty)
        #expect(join(group: "")?.errorCode == .invalidGroupID)
    }

    // MARK: Offsets

    @Test(arguments: APIKey.offsetFetch.stableVersions)
    mutating func `offsets are committed and fetched in every version`(version: Int16) throws {
        #expect(commit(5) == ErrorCode.none)
        #expect(try committed(version: version) == [5, -1])
        #expect(commit(7) == ErrorCode.none)
        #expect(try committed(version: version) == [7, -1])
        if version >= 2 { #expect(try committed(version: version, partitions: nil) == [7]) }
    }

    @Test mutating func `only members commit while a group has any`() throws {
        let member = try #require(join())
        var sync = SyncGroupRequest()
        sync.groupID = "g"
        sync.memberID = member.memberID
        sync.generationID = 1
        _ = brokers.send(.syncGroup(sync))
        #expect(commit(5) == .unknownMemberID)
        #expect(commit(5, member: member.memberID, generation: 2) == .illegalGeneration)
        #expect(commit(5, member: member.memberID, generation: 1) == ErrorCode.none)
    }

    @Test mutating func `a generation that never was cannot commit`() {
        #expect(commit(5, member: "m", generation: 1) == .groupIDNotFound)
        #expect(brokers.commit(5, group: "g", member: "m", epoch: 1, version: 8) == .illegalGeneration)
        #expect(brokers.cluster.groups.ids.isEmpty)
    }

    @Test mutating func `metadata beside an offset is bounded`() {
        #expect(commit(1, metadata: String(repeating: "x", count: 4096)) == ErrorCode.none)
        #expect(commit(2, metadata: String(repeating: "x", count: 4097)) == .offsetMetadataTooLarge)
    }

    @Test mutating func `offsets of what is not there are refused`() {
        #expect(commit(1, partition: 2) == .unknownTopicOrPartition)
        #expect(commit(1, topic: "x") == .unknownTopicOrPartition)
    }

    @Test mutating func `a deleted topic takes its offsets with it`() throws {
        _ = commit(5)
        _ = brokers.change { cluster, _, effects in cluster.deleteTopic("t", effects: &effects) }
        #expect(try committed(version: 7, partitions: nil) == [])
    }
}

@Suite struct `Coordinators` {
    private var brokers = VirtualCluster { $0.brokers = 3 }

    private mutating func find(_ key: String) -> FindCoordinatorResponse.Coordinator? {
        var request = FindCoordinatorRequest()
        request.coordinatorKeys = [key]
        guard case .findCoordinator(let response) = brokers.send(.findCoordinator(request)) else { return nil }
        return response.coordinators.first
    }

    @Test mutating func `are shared out among the brokers`() {
        let nodes = Set((0..<50).compactMap { find("group-\($0)")?.nodeID })
        #expect(nodes == [1, 2, 3])
    }

    @Test mutating func `move when a broker stops, and answer alone`() throws {
        let first = try #require(find("g")).nodeID
        var heartbeat = HeartbeatRequest()
        heartbeat.groupID = "g"
        func answer(_ response: Response?) -> ErrorCode? {
            guard case .heartbeat(let heartbeat) = response else { return nil }
            return heartbeat.errorCode
        }
        for broker in Int32(1)...3 {
            let error = answer(brokers.send(.heartbeat(heartbeat), to: broker))
            #expect(error == (broker == first ? .unknownMemberID : .notCoordinator))
        }
        _ = brokers.change { cluster, _, _ in cluster.setBroker(first, isUp: false) }
        let second = try #require(find("g")).nodeID
        #expect(second != first)
        #expect(answer(brokers.send(.heartbeat(heartbeat), to: second)) == .unknownMemberID)
    }

    @Test mutating func `of one key are told in the old form too`() {
        var request = FindCoordinatorRequest()
        request.key = "g"
        guard case .findCoordinator(let response) = brokers.send(.findCoordinator(request), version: 2) else { return }
        #expect(response.nodeID == find("g")?.nodeID)
        #expect(response.port == 9000 + response.nodeID)
    }
}
