import KafkaProtocol
import NIOCore
import Testing

@testable import FakeBroker

/// What requests are answered to those who may, may partly, and may not.
@Suite struct AuthorizationTests {
    private func cluster(_ acls: [FakeBroker.ACL]) throws -> SecureCluster {
        try SecureCluster { configuration in
            configuration.topics = [.init("orders"), .init("hidden")]
            configuration.security.listeners = [FakeBroker.Listener(.saslPlaintext)]
            configuration.security.users = ["alice", "admin"].map { FakeBroker.User($0, password: "secret") }
            configuration.security.authorization = .init(superUsers: ["User:admin"], acls: acls)
        }
    }

    private func metadata(_ topics: [String]?) -> Request {
        var request = MetadataRequest()
        request.allowAutoTopicCreation = true
        request.includeTopicAuthorizedOperations = true
        request.topics = topics?.map { name in
            var topic = MetadataRequest.MetadataRequestTopic()
            topic.name = name
            return topic
        }
        return .metadata(request)
    }

    @Test func `topics that one may not see are not there, or are refused when named`() throws {
        var cluster = try cluster([.allow("User:alice", .read, .topic("orders"))])
        let connection = try cluster.logIn("alice")
        guard case .metadata(let all) = cluster.send(metadata(nil), on: connection, version: 12),
            case .metadata(let named) = cluster.send(
                metadata(["orders", "hidden", "absent"]), on: connection, version: 12)
        else { return #expect(Bool(false)) }
        #expect(all.topics.map(\.name) == ["orders"])
        #expect(all.topics[0].topicAuthorizedOperations == 1 << 3 | 1 << 8)
        #expect(
            named.topics.map(\.errorCode) == [.none, .topicAuthorizationFailed, .topicAuthorizationFailed])

        // By id one is not told that there is such a topic.
        var byID = MetadataRequest()
        var asked = MetadataRequest.MetadataRequestTopic()
        asked.topicID = try #require(cluster.cluster.topics["hidden"]?.id)
        byID.topics = [asked]
        guard case .metadata(let hidden) = cluster.send(.metadata(byID), on: connection) else {
            return #expect(Bool(false))
        }
        #expect(hidden.topics.map(\.errorCode) == [.unknownTopicID])
    }

    @Test func `a topic is created on demand only for those who may create it`() throws {
        var cluster = try cluster([
            .allow("User:alice", .describe, .topic("*")), .allow("User:alice", .create, .topic(prefix: "mine-")),
        ])
        let connection = try cluster.logIn("alice")
        guard case .metadata(let answer) = cluster.send(metadata(["mine-1", "other"]), on: connection) else {
            return #expect(Bool(false))
        }
        #expect(answer.topics.map(\.errorCode) == [.none, .topicAuthorizationFailed])
        #expect(cluster.cluster.topics.allNames == ["orders", "hidden", "mine-1"])
    }

    @Test func `a producer is told of each topic whether it may write`() throws {
        var cluster = try cluster([.allow("User:alice", .write, .topic("orders"))])
        let connection = try cluster.logIn("alice")
        var request = ProduceRequest()
        request.acks = 1
        request.topicData = ["orders", "hidden", "absent"].map { name in
            var topic = ProduceRequest.TopicProduceData()
            topic.name = name
            var partition = ProduceRequest.PartitionProduceData()
            var builder = RecordBatchBuilder()
            builder.append(key: nil, value: ByteBuffer(string: "x"), headers: [], timestampMs: 0)
            partition.records = builder.build()
            topic.partitionData = [partition]
            return topic
        }
        guard case .produce(let answer) = cluster.send(.produce(request), on: connection, version: 9) else {
            return #expect(Bool(false))
        }
        #expect(
            answer.responses.map { $0.partitionResponses[0].errorCode }
                == [.none, .topicAuthorizationFailed, .topicAuthorizationFailed])
        #expect(cluster.cluster.topics["hidden"]?.partitions[0].log.endOffset == 0)
        #expect(cluster.cluster.topics["orders"]?.partitions[0].log.endOffset == 1)

        // Without acknowledgement there is no answer to say it in.
        request.acks = 0
        #expect(cluster.send(.produce(request), on: connection, version: 9) == nil)
        #expect(cluster.closed[connection]?.contains("TOPIC_AUTHORIZATION_FAILED") ?? false)
    }

    @Test func `a transactional producer must be allowed its id`() throws {
        var cluster = try cluster([.allow("User:alice", .write, .topic("orders"))])
        let connection = try cluster.logIn("alice")
        var request = InitProducerIdRequest()
        request.transactionalID = "t"
        guard case .initProducerId(let refused) = cluster.send(.initProducerId(request), on: connection) else {
            return #expect(Bool(false))
        }
        #expect(refused.errorCode == .transactionalIDAuthorizationFailed)
        request.transactionalID = nil
        guard case .initProducerId(let idempotent) = cluster.send(.initProducerId(request), on: connection) else {
            return #expect(Bool(false))
        }
        #expect(idempotent.errorCode == .none)
    }

    @Test func `an idempotent producer must be allowed some topic, or the cluster`() throws {
        for (acls, error) in [
            ([FakeBroker.ACL.allow("User:alice", .idempotentWrite, .cluster)], ErrorCode.none),
            ([.allow("User:alice", .read, .topic("orders"))], .clusterAuthorizationFailed),
        ] {
            var cluster = try cluster(acls)
            let connection = try cluster.logIn("alice")
            guard
                case .initProducerId(let answer) = cluster.send(
                    .initProducerId(InitProducerIdRequest()), on: connection)
            else { return #expect(Bool(false)) }
            #expect(answer.errorCode == error)
        }
    }

    @Test func `a consumer is told of each topic whether it may read`() throws {
        var cluster = try cluster([.allow("User:alice", .read, .topic("orders"))])
        let connection = try cluster.logIn("alice")
        var fetch = FetchRequest()
        fetch.maxBytes = 1000
        fetch.topics = ["orders", "hidden"].map { name in
            var topic = FetchRequest.FetchTopic()
            topic.topic = name
            topic.partitions = [FetchRequest.FetchPartition()]
            return topic
        }
        var offsets = ListOffsetsRequest()
        offsets.topics = ["orders", "hidden"].map { name in
            var topic = ListOffsetsRequest.ListOffsetsTopic()
            topic.name = name
            topic.partitions = [ListOffsetsRequest.ListOffsetsPartition()]
            return topic
        }
        guard case .fetch(let fetched) = cluster.send(.fetch(fetch), on: connection, version: 12),
            case .listOffsets(let listed) = cluster.send(.listOffsets(offsets), on: connection)
        else { return #expect(Bool(false)) }
        #expect(fetched.responses.map { $0.partitions[0].errorCode } == [.none, .topicAuthorizationFailed])
        #expect(listed.topics.map { $0.partitions[0].errorCode } == [.none, .topicAuthorizationFailed])
    }

    @Test func `a group is for those who may read it`() throws {
        var cluster = try cluster([
            .allow("User:alice", .read, .group("mine")), .allow("User:alice", .read, .topic("orders")),
        ])
        let connection = try cluster.logIn("alice")
        var join = JoinGroupRequest()
        join.sessionTimeoutMs = 10_000
        join.protocolType = "consumer"
        var assignor = JoinGroupRequest.JoinGroupRequestProtocol()
        assignor.name = "range"
        join.protocols = [assignor]
        for (group, error) in [("mine", ErrorCode.memberIDRequired), ("theirs", .groupAuthorizationFailed)] {
            join.groupID = group
            guard case .joinGroup(let answer) = cluster.send(.joinGroup(join), on: connection) else {
                return #expect(Bool(false))
            }
            #expect(answer.errorCode == error)
        }
        var find = FindCoordinatorRequest()
        find.coordinatorKeys = ["mine", "theirs"]
        guard case .findCoordinator(let found) = cluster.send(.findCoordinator(find), on: connection) else {
            return #expect(Bool(false))
        }
        #expect(found.coordinators.map(\.errorCode) == [.none, .groupAuthorizationFailed])
    }

    @Test func `offsets are committed and told for topics that one may read`() throws {
        var cluster = try cluster([
            .allow("User:alice", .read, .group("mine")), .allow("User:alice", .read, .topic("orders")),
        ])
        let connection = try cluster.logIn("alice")
        var commit = OffsetCommitRequest()
        commit.groupID = "mine"
        commit.generationIDOrMemberEpoch = -1
        commit.topics = ["orders", "hidden"].map { name in
            var topic = OffsetCommitRequest.OffsetCommitRequestTopic()
            topic.name = name
            topic.partitions = [OffsetCommitRequest.OffsetCommitRequestPartition()]
            return topic
        }
        var fetch = OffsetFetchRequest()
        fetch.groups = ["mine", "theirs"].map { id in
            var group = OffsetFetchRequest.OffsetFetchRequestGroup()
            group.groupID = id
            group.topics = ["orders", "hidden"].map { name in
                var topic = OffsetFetchRequest.OffsetFetchRequestTopics()
                topic.name = name
                topic.partitionIndexes = [0]
                return topic
            }
            return group
        }
        guard case .offsetCommit(let committed) = cluster.send(.offsetCommit(commit), on: connection, version: 8),
            case .offsetFetch(let fetched) = cluster.send(.offsetFetch(fetch), on: connection, version: 9)
        else { return #expect(Bool(false)) }
        #expect(committed.topics.map { $0.partitions[0].errorCode } == [.none, .topicAuthorizationFailed])
        #expect(fetched.groups.map(\.errorCode) == [.none, .groupAuthorizationFailed])
        #expect(fetched.groups[0].topics.map { $0.partitions[0].errorCode } == [.none, .topicAuthorizationFailed])
    }

    @Test func `topics are created and deleted by those who may`() throws {
        var cluster = try cluster([
            .allow("User:alice", .create, .topic("new")), .allow("User:alice", .delete, .topic("orders")),
        ])
        let connection = try cluster.logIn("alice")
        var create = CreateTopicsRequest()
        create.topics = ["new", "other"].map { name in
            var topic = CreateTopicsRequest.CreatableTopic()
            topic.name = name
            topic.numPartitions = 1
            topic.replicationFactor = 1
            return topic
        }
        var delete = DeleteTopicsRequest()
        delete.topics = ["orders", "hidden"].map { name in
            var topic = DeleteTopicsRequest.DeleteTopicState()
            topic.name = name
            return topic
        }
        guard case .createTopics(let created) = cluster.send(.createTopics(create), on: connection),
            case .deleteTopics(let deleted) = cluster.send(.deleteTopics(delete), on: connection)
        else { return #expect(Bool(false)) }
        #expect(created.topics.map(\.errorCode) == [.none, .topicAuthorizationFailed])
        #expect(deleted.responses.map(\.errorCode) == [.none, .topicAuthorizationFailed])
        #expect(cluster.cluster.topics.allNames == ["hidden", "new"])
    }

    // MARK: Administration

    private func creation(
        _ principal: String, _ operation: FakeBroker.ACL.Operation, topic: String, pattern: Int8 = 3
    ) -> CreateAclsRequest.AclCreation {
        var creation = CreateAclsRequest.AclCreation()
        creation.resourceType = 2
        creation.resourceName = topic
        creation.resourcePatternType = pattern
        creation.principal = principal
        creation.host = "*"
        creation.operation = operation.rawValue
        creation.permissionType = 3
        return creation
    }

    @Test func `rules are made, described and removed by who may alter the cluster`() throws {
        var cluster = try cluster([])
        let (alice, admin) = (try cluster.logIn("alice"), try cluster.logIn("admin"))
        var create = CreateAclsRequest()
        create.creations = [
            creation("User:alice", .read, topic: "orders"), creation("User:alice", .write, topic: "orders"),
            creation("User:bob", .all, topic: "or", pattern: 4),
        ]
        guard case .createAcls(let refused) = cluster.send(.createAcls(create), on: alice),
            case .createAcls(let created) = cluster.send(.createAcls(create), on: admin)
        else { return #expect(Bool(false)) }
        #expect(refused.results.map(\.errorCode) == Array(repeating: .clusterAuthorizationFailed, count: 3))
        #expect(created.results.map(\.errorCode) == [.none, .none, .none])

        var describe = DescribeAclsRequest()
        describe.resourceTypeFilter = 2
        describe.resourceNameFilter = "orders"
        describe.patternTypeFilter = 2
        describe.operation = 1
        describe.permissionType = 1
        guard case .describeAcls(let hidden) = cluster.send(.describeAcls(describe), on: alice),
            case .describeAcls(let described) = cluster.send(.describeAcls(describe), on: admin)
        else { return #expect(Bool(false)) }
        #expect(hidden.errorCode == .clusterAuthorizationFailed)
        #expect(described.resources.map(\.resourceName) == ["orders", "or"])
        #expect(described.resources.map(\.patternType) == [3, 4])
        #expect(described.resources[0].acls.map(\.operation) == [3, 4])

        var delete = DeleteAclsRequest()
        var filter = DeleteAclsRequest.DeleteAclsFilter()
        filter.resourceTypeFilter = 1
        filter.patternTypeFilter = 1
        filter.principalFilter = "User:alice"
        filter.operation = 1
        filter.permissionType = 1
        delete.filters = [filter, filter]
        guard case .deleteAcls(let deleted) = cluster.send(.deleteAcls(delete), on: admin) else {
            return #expect(Bool(false))
        }
        #expect(deleted.filterResults.map(\.matchingAcls.count) == [2, 2])
        #expect(cluster.cluster.security.accessControl?.all == [.allow("User:bob", .all, .topic(prefix: "or"))])
    }

    @Test func `rules and filters that make no sense are refused one by one`() throws {
        var cluster = try cluster([])
        let admin = try cluster.logIn("admin")
        var create = CreateAclsRequest()
        create.creations = [
            creation("alice", .read, topic: "orders"), creation("User:alice", .read, topic: ""),
            creation("User:alice", .read, topic: "orders", pattern: 2), creation("User:alice", .read, topic: "orders"),
        ]
        create.creations[3].operation = 1
        var cluserRule = creation("User:alice", .read, topic: "my-cluster")
        cluserRule.resourceType = 4
        create.creations.append(cluserRule)
        guard case .createAcls(let created) = cluster.send(.createAcls(create), on: admin) else {
            return #expect(Bool(false))
        }
        #expect(created.results.allSatisfy { $0.errorCode == .invalidRequest && $0.errorMessage != nil })
        #expect(cluster.cluster.security.accessControl?.count == 0)

        var describe = DescribeAclsRequest()
        describe.resourceTypeFilter = 99
        guard case .describeAcls(let described) = cluster.send(.describeAcls(describe), on: admin) else {
            return #expect(Bool(false))
        }
        #expect(described.errorCode == .invalidRequest)
    }

    @Test func `there are as many rules as the limit and no more`() throws {
        var cluster = try SecureCluster { configuration in
            configuration.security.authorization = .init(superUsers: ["User:ANONYMOUS"])
            configuration.limits.acls = 2
        }
        let connection = cluster.connect()
        var create = CreateAclsRequest()
        create.creations = (1...3).map { creation("User:alice", .read, topic: "t\($0)") }
        guard case .createAcls(let created) = cluster.send(.createAcls(create), on: connection) else {
            return #expect(Bool(false))
        }
        #expect(created.results.map(\.errorCode) == [.none, .none, .policyViolation])
    }

    @Test func `without an authorizer everybody may do everything, and there are no rules`() throws {
        var cluster = try SecureCluster { $0.topics = [.init("orders")] }
        let connection = cluster.connect()
        guard
            case .describeAcls(let described) = cluster.send(.describeAcls(DescribeAclsRequest()), on: connection),
            case .metadata(let answer) = cluster.send(metadata(nil), on: connection, version: 12)
        else { return #expect(Bool(false)) }
        #expect(described.errorCode == .securityDisabled)
        #expect(answer.topics[0].topicAuthorizedOperations == 0b1101_1111_1000)
    }

    @Test func `who shows a certificate is its subject, who shows none is anonymous`() throws {
        var cluster = try SecureCluster { configuration in
            configuration.topics = [.init("orders")]
            configuration.security.listeners = [FakeBroker.Listener(.ssl, clientCertificates: .requested)]
            configuration.security.authorization = .init(acls: [.allow("User:CN=alice,O=Acme", .read, .topic("orders"))]
            )
        }
        for (subject, count) in [("CN=alice,O=Acme", 1), ("CN=bob", 0), (nil, 0)] {
            let connection = cluster.connect(certificateSubject: subject)
            guard case .metadata(let answer) = cluster.send(metadata(nil), on: connection) else {
                return #expect(Bool(false))
            }
            #expect(answer.topics.count == count)
        }
    }

    @Test func `a rule may be for one host`() throws {
        var cluster = try SecureCluster { configuration in
            configuration.topics = [.init("orders")]
            configuration.security.authorization = .init(
                acls: [.allow("User:ANONYMOUS", .read, .topic("orders"), host: "10.0.0.1")])
        }
        let connection = cluster.connect()
        for (host, count) in [("/10.0.0.1", 1), ("/10.0.0.2", 0)] {
            guard case .metadata(let answer) = cluster.send(metadata(nil), on: connection, from: host) else {
                return #expect(Bool(false))
            }
            #expect(answer.topics.count == count)
        }
    }
}
