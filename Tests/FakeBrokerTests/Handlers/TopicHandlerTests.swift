import KafkaProtocol
import NIOCore
import Testing

@testable import FakeBroker

@Suite struct `Topics` {
    private var brokers = VirtualCluster { $0.brokers = 3 }

    private mutating func create(
        _ name: String, partitions: Int32 = 1, replicas: Int16 = 1, assignments: [[Int32]] = [],
        validateOnly: Bool = false
    ) -> CreateTopicsResponse.CreatableTopicResult? {
        var topic = CreateTopicsRequest.CreatableTopic()
        topic.name = name
        topic.numPartitions = partitions
        topic.replicationFactor = replicas
        topic.assignments = assignments.enumerated().map { index, brokers in
            var assignment = CreateTopicsRequest.CreatableReplicaAssignment()
            assignment.partitionIndex = Int32(index)
            assignment.brokerIDs = brokers
            return assignment
        }
        var request = CreateTopicsRequest()
        request.topics = [topic]
        request.validateOnly = validateOnly
        guard case .createTopics(let response) = brokers.send(.createTopics(request)) else { return nil }
        return response.topics.first
    }

    private mutating func metadata(_ names: [String]?, mayCreate: Bool = true, version: Int16 = 12) -> MetadataResponse?
    {
        var request = MetadataRequest()
        request.topics = names?.map { name in
            var topic = MetadataRequest.MetadataRequestTopic()
            topic.name = name
            return topic
        }
        request.allowAutoTopicCreation = mayCreate
        guard case .metadata(let response) = brokers.send(.metadata(request), version: version) else { return nil }
        return response
    }

    @Test mutating func `are created as asked`() {
        let result = create("t", partitions: 4, replicas: 2)
        #expect(result?.errorCode == ErrorCode.none)
        #expect(result?.numPartitions == 4)
        #expect(result?.replicationFactor == 2)
        let described = metadata(["t"])?.topics.first
        #expect(described?.topicID == result?.topicID)
        #expect(described?.partitions.count == 4)
        #expect(
            described?.partitions.allSatisfy { $0.replicaNodes.count == 2 && $0.leaderID == $0.replicaNodes[0] } == true
        )
    }

    @Test mutating func `have the cluster's defaults where nothing is asked`() {
        let result = create("t", partitions: -1, replicas: -1)
        #expect(result?.numPartitions == 1)
        #expect(result?.replicationFactor == 3)
    }

    @Test(arguments: [
        ("t", Int32(0), Int16(1), ErrorCode.invalidPartitions), ("t", 10_001, 1, .invalidPartitions),
        ("t", 10_000, 1, .none), ("t", 1, 0, .invalidReplicationFactor), ("t", 1, 4, .invalidReplicationFactor),
        ("", 1, 1, .invalidTopicException), ("..", 1, 1, .invalidTopicException),
        ("a b", 1, 1, .invalidTopicException), ("A.b_c-9", 1, 1, .none),
        (String(repeating: "n", count: 249), 1, 1, .none),
        (String(repeating: "n", count: 250), 1, 1, .invalidTopicException),
    ])
    mutating func `must make sense`(name: String, partitions: Int32, replicas: Int16, error: ErrorCode) {
        let result = create(name, partitions: partitions, replicas: replicas)
        #expect(result?.errorCode == error)
        #expect((result?.errorMessage == nil) == (error == .none))
    }

    @Test mutating func `are placed as asked`() {
        #expect(
            create("t", partitions: -1, replicas: -1, assignments: [[3, 1], [2, 3]])?.errorCode == ErrorCode.none)
        #expect(metadata(["t"])?.topics.first?.partitions.map(\.replicaNodes) == [[3, 1], [2, 3]])
        let wrong: [[[Int32]]] = [[[4]], [[1, 1]], [[1], [1, 2]], [[]]]
        for assignments in wrong {
            let result = create("u", partitions: -1, replicas: -1, assignments: assignments)
            #expect(result?.errorCode == .invalidReplicaAssignment)
        }
    }

    @Test mutating func `are created once, and only validated if asked`() {
        #expect(create("t", validateOnly: true)?.errorCode == ErrorCode.none)
        #expect(brokers.cluster.topics["t"] == nil)
        #expect(create("t")?.errorCode == ErrorCode.none)
        #expect(create("t")?.errorCode == .topicAlreadyExists)
    }

    @Test mutating func `are created by who asks for them, if both sides agree`() {
        #expect(metadata(["a"], mayCreate: false)?.topics.first?.errorCode == .unknownTopicOrPartition)
        #expect(metadata(["a"])?.topics.first?.errorCode == ErrorCode.none)
        #expect(metadata(["a/b"])?.topics.first?.errorCode == .invalidTopicException)
        var strict = VirtualCluster { $0.autoCreateTopics = false }
        var request = MetadataRequest()
        var topic = MetadataRequest.MetadataRequestTopic()
        topic.name = "a"
        request.topics = [topic]
        guard case .metadata(let response) = strict.send(.metadata(request)) else { return }
        #expect(response.topics.first?.errorCode == .unknownTopicOrPartition)
    }

    @Test mutating func `are listed all or none as the version has it`() {
        _ = create("a")
        _ = create("b")
        #expect(metadata(nil)?.topics.map(\.name) == ["a", "b"])
        #expect(metadata([], version: 1)?.topics.isEmpty == true)
        #expect(metadata([], version: 0)?.topics.map(\.name) == ["a", "b"])
    }

    @Test mutating func `are described by id`() {
        let id = create("t")?.topicID ?? .zero
        var topic = MetadataRequest.MetadataRequestTopic()
        topic.topicID = id
        var unknown = MetadataRequest.MetadataRequestTopic()
        unknown.topicID = TopicID(high: 1, low: 1)
        var request = MetadataRequest()
        request.topics = [topic, unknown]
        guard case .metadata(let response) = brokers.send(.metadata(request)) else { return }
        #expect(response.topics.map(\.name) == ["t", ""])
        #expect(response.topics.map(\.errorCode) == [.none, .unknownTopicID])
    }

    @Test mutating func `are deleted by name and by id`() {
        _ = create("a")
        let id = create("b")?.topicID ?? .zero
        var byName = DeleteTopicsRequest.DeleteTopicState()
        byName.name = "a"
        var byID = DeleteTopicsRequest.DeleteTopicState()
        byID.topicID = id
        var unknown = DeleteTopicsRequest.DeleteTopicState()
        unknown.topicID = TopicID(high: 1, low: 1)
        var request = DeleteTopicsRequest()
        request.topics = [byName, byID, unknown]
        guard case .deleteTopics(let response) = brokers.send(.deleteTopics(request)) else { return }
        #expect(response.responses.map(\.errorCode) == [.none, .none, .unknownTopicID])
        #expect(response.responses.map(\.name) == ["a", "b", nil])
        var old = DeleteTopicsRequest()
        old.topicNames = ["a"]
        guard case .deleteTopics(let again) = brokers.send(.deleteTopics(old), version: 3) else { return }
        #expect(again.responses.map(\.errorCode) == [.unknownTopicOrPartition])
    }

    @Test mutating func `lead elsewhere when a broker is down, which is not listed`() {
        _ = create("t", partitions: 3, replicas: 3)
        _ = brokers.change { cluster, _, _ in cluster.setBroker(2, isUp: false) }
        let described = metadata(["t"])
        #expect(described?.brokers.map(\.nodeID) == [1, 3])
        for partition in described?.topics.first?.partitions ?? [] {
            #expect(partition.leaderID != 2)
            #expect(partition.offlineReplicas == [2])
            #expect(!partition.isrNodes.contains(2))
        }
    }
}

@Suite struct `ApiVersions` {
    private var brokers = VirtualCluster()

    private mutating func versions(
        _ name: String = "client", software: String = "1.0", version: Int16 = 3
    ) -> ApiVersionsResponse? {
        var request = ApiVersionsRequest()
        request.clientSoftwareName = name
        request.clientSoftwareVersion = software
        guard case .apiVersions(let response) = brokers.send(.apiVersions(request), version: version) else {
            return nil
        }
        return response
    }

    @Test mutating func `lists its keys in ascending order`() {
        let keys = versions()?.apiKeys.map(\.apiKey) ?? []
        #expect(keys == keys.sorted())
        #expect(keys.count >= 15)
    }

    @Test(arguments: [
        ("librdkafka", ErrorCode.none), ("a.b-c9", .none), ("", .invalidRequest), ("-a", .invalidRequest),
        ("a b", .invalidRequest),
    ])
    mutating func `wants to know the client's software`(name: String, error: ErrorCode) {
        #expect(versions(name)?.errorCode == error)
        #expect(versions(name, version: 2)?.errorCode == ErrorCode.none)
    }

    @Test mutating func `has no tagged fields for old clients that misread them`() throws {
        let response = try #require(versions("librdkafka", software: "2.0.2"))
        var tagged = ByteBuffer()
        var bare = ByteBuffer()
        try Response.apiVersions(response).encode(version: 3, into: &tagged)
        try Response.apiVersions(response).encode(version: 3, into: &bare, omitTags: true)
        #expect(tagged == bare)
    }
}
