import KafkaProtocol
import NIOCore
import Testing

@testable import FakeBroker

@Suite struct `Partitions are` {
    private var brokers = VirtualCluster {
        $0.brokers = 3
        $0.topics = [.init("t", partitions: 2, replicationFactor: 2), .init("u", partitions: 3, replicationFactor: 1)]
    }

    private func partition(_ index: Int, of topic: String = "t") throws -> Partition {
        try #require(brokers.cluster.topics[topic]?.partitions[index])
    }

    // MARK: More of them

    private mutating func grow(
        _ topic: String, to count: Int32, _ assignments: [[Int32]]? = nil, validateOnly: Bool = false
    ) throws -> ErrorCode {
        var request = CreatePartitionsRequest()
        request.validateOnly = validateOnly
        var asked = CreatePartitionsRequest.CreatePartitionsTopic()
        asked.name = topic
        asked.count = count
        asked.assignments = assignments?.map { ids in
            var assignment = CreatePartitionsRequest.CreatePartitionsAssignment()
            assignment.brokerIDs = ids
            return assignment
        }
        request.topics = [asked]
        guard case .createPartitions(let response) = brokers.send(.createPartitions(request)) else {
            throw UnexpectedAnswer(nil)
        }
        return try #require(response.results.first).errorCode
    }

    @Test mutating func `added, and led like the others`() throws {
        #expect(try grow("t", to: 3, validateOnly: true) == .none)
        #expect(brokers.cluster.topics["t"]?.partitions.count == 2)
        #expect(try grow("t", to: 3) == .none)
        #expect(try Set((0..<3).map { try partition($0).leader }) == [1, 2, 3])
        #expect(try grow("t", to: 5, [[3, 1], [2, 3]]) == .none)
        #expect(try partition(3).replicas == [3, 1])
        #expect(try partition(4).leader == 2)
        let leader = try partition(4).leader
        #expect(brokers.produce(Batches.make(["a"]), partition: 4, broker: leader)?.errorCode == ErrorCode.none)
    }

    @Test mutating func `not added where that makes no sense`() throws {
        #expect(try grow("t", to: 2) == .invalidPartitions)
        #expect(try grow("t", to: -1) == .invalidPartitions)
        #expect(try grow("t", to: .max) == .invalidPartitions)
        #expect(try grow("x", to: 2) == .unknownTopicOrPartition)
        for wrong: [[Int32]] in [[], [[1]], [[1, 1]], [[1, 9]], [[1, 2], [2, 3]]] {
            #expect(try grow("t", to: 3, wrong) == .invalidReplicaAssignment)
        }
    }

    // MARK: Their leaders

    private mutating func elect(
        _ topic: String?, _ partitions: [Int32] = [0], type: Int8 = 0
    ) throws -> ElectLeadersResponse {
        var request = ElectLeadersRequest()
        request.electionType = type
        request.topicPartitions = topic.map { topic in
            var asked = ElectLeadersRequest.TopicPartitions()
            asked.topic = topic
            asked.partitions = partitions
            return [asked]
        }
        guard case .electLeaders(let response) = brokers.send(.electLeaders(request)) else {
            throw UnexpectedAnswer(nil)
        }
        return response
    }

    private func errors(_ response: ElectLeadersResponse) -> [ErrorCode] {
        response.replicaElectionResults.flatMap(\.partitionResult).map(\.errorCode)
    }

    @Test mutating func `led by their first replica again`() throws {
        let first = try partition(0).replicas[0]
        #expect(errors(try elect("t")) == [.electionNotNeeded])
        _ = brokers.change { cluster, _, _ in cluster.setBroker(first, isUp: false) }
        #expect(try partition(0).leader != first)
        #expect(errors(try elect("t")) == [.preferredLeaderNotAvailable])
        _ = brokers.change { cluster, _, _ in cluster.setBroker(first, isUp: true) }
        let epoch = try partition(0).leaderEpoch
        #expect(errors(try elect("t")) == [.none])
        #expect(try partition(0).leader == first)
        #expect(try partition(0).leaderEpoch == epoch + 1)
        #expect(errors(try elect("t", [7])) == [.unknownTopicOrPartition])
        #expect(errors(try elect("t", type: 1)) == [.electionNotNeeded])
        #expect(try elect("t", type: 5).errorCode == .invalidRequest)
    }

    @Test mutating func `all led by their first replica, and only changes are told`() throws {
        #expect(errors(try elect(nil)).isEmpty)
        let first = try partition(0).replicas[0]
        _ = brokers.change { cluster, _, _ in cluster.setBroker(first, isUp: false) }
        _ = brokers.change { cluster, _, _ in cluster.setBroker(first, isUp: true) }
        let told = try elect(nil)
        #expect(errors(told).allSatisfy { $0 == .none })
        #expect(!errors(told).isEmpty)
    }

    // MARK: Their replicas

    private mutating func reassign(
        _ index: Int32, to replicas: [Int32]?, mayResize: Bool = true
    ) throws -> ErrorCode {
        var request = AlterPartitionReassignmentsRequest()
        request.allowReplicationFactorChange = mayResize
        var topic = AlterPartitionReassignmentsRequest.ReassignableTopic()
        topic.name = "t"
        var partition = AlterPartitionReassignmentsRequest.ReassignablePartition()
        partition.partitionIndex = index
        partition.replicas = replicas
        topic.partitions = [partition]
        request.topics = [topic]
        guard case .alterPartitionReassignments(let response) = brokers.send(.alterPartitionReassignments(request))
        else { throw UnexpectedAnswer(nil) }
        return try #require(response.responses.first?.partitions.first).errorCode
    }

    @Test mutating func `moved to other brokers with all they hold`() throws {
        let leader = try partition(0).leader
        _ = brokers.produce(Batches.make(["a"]), broker: leader)
        let next = leader % 3 + 1
        #expect(try reassign(0, to: [next]) == .none)
        #expect(try partition(0).leader == next)
        #expect(try brokers.fetch(VirtualCluster.fetchRequest(), broker: next)?.values == ["a"])
        #expect(try reassign(0, to: [next, leader]) == .none)
        #expect(try partition(0).leader == next)
        #expect(try reassign(0, to: nil) == .noReassignmentInProgress)
        #expect(try reassign(9, to: [1]) == .unknownTopicOrPartition)
        #expect(try reassign(0, to: [1], mayResize: false) == .invalidReplicationFactor)
        for wrong: [Int32] in [[], [1, 1], [9]] { #expect(try reassign(0, to: wrong) == .invalidReplicaAssignment) }
        guard case .listPartitionReassignments(let list) = brokers.send(.listPartitionReassignments(.init())) else {
            throw UnexpectedAnswer(nil)
        }
        #expect(list.errorCode == .none && list.topics.isEmpty)
    }

    // MARK: Their directories

    private mutating func directories(of broker: Int32) throws -> [[String]] {
        guard case .describeLogDirs(let response) = brokers.send(.describeLogDirs(.init()), to: broker) else {
            throw UnexpectedAnswer(nil)
        }
        return response.results.map { $0.topics.flatMap { t in t.partitions.map { "\(t.name)-\($0.partitionIndex)" } } }
    }

    private mutating func move(_ topic: String, _ index: Int32, to path: String, on broker: Int32) throws -> ErrorCode {
        var request = AlterReplicaLogDirsRequest()
        var directory = AlterReplicaLogDirsRequest.AlterReplicaLogDir()
        directory.path = path
        var asked = AlterReplicaLogDirsRequest.AlterReplicaLogDirTopic()
        asked.name = topic
        asked.partitions = [index]
        directory.topics = [asked]
        request.dirs = [directory]
        guard case .alterReplicaLogDirs(let response) = brokers.send(.alterReplicaLogDirs(request), to: broker) else {
            throw UnexpectedAnswer(nil)
        }
        return try #require(response.results.first?.partitions.first).errorCode
    }

    @Test mutating func `kept in a directory and moved to another`() throws {
        let broker = try partition(0).leader
        let other = LogDirectories.paths[1]
        #expect(try directories(of: broker)[0].contains("t-0"))
        #expect(try move("t", 0, to: other, on: broker) == .none)
        #expect(try directories(of: broker)[1] == ["t-0"])
        #expect(try !directories(of: broker)[0].contains("t-0"))
        #expect(try move("t", 0, to: "/nowhere", on: broker) == .logDirNotFound)
        #expect(try move("t", 9, to: other, on: broker) == .unknownTopicOrPartition)
        let stranger = try #require((1...3).first { id in try !partition(0).replicas.contains(Int32(id)) })
        #expect(try move("t", 0, to: other, on: Int32(stranger)) == .replicaNotAvailable)
    }

    // MARK: Described

    private mutating func pages(
        _ topics: [String], limit: Int32
    ) throws -> [[String]] {
        var pages: [[String]] = []
        var cursor: DescribeTopicPartitionsRequest.Cursor?
        repeat {
            var request = DescribeTopicPartitionsRequest()
            request.responsePartitionLimit = limit
            request.cursor = cursor
            request.topics = topics.map { name in
                var topic = DescribeTopicPartitionsRequest.TopicRequest()
                topic.name = name
                return topic
            }
            guard case .describeTopicPartitions(let page) = brokers.send(.describeTopicPartitions(request)) else {
                throw UnexpectedAnswer(nil)
            }
            pages.append(
                page.topics.flatMap { topic in
                    topic.errorCode == .none
                        ? topic.partitions.map { "\(topic.name ?? "")\($0.partitionIndex)" }
                        : ["\(topic.name ?? "") \(topic.errorCode)"]
                })
            cursor = page.nextCursor.map { next in
                var cursor = DescribeTopicPartitionsRequest.Cursor()
                cursor.topicName = next.topicName
                cursor.partitionIndex = next.partitionIndex
                return cursor
            }
        } while cursor != nil && pages.count < 20
        return pages
    }

    @Test mutating func `described page by page`() throws {
        #expect(try pages([], limit: 2) == [["t0", "t1"], ["u0", "u1"], ["u2"]])
        #expect(try pages([], limit: 3) == [["t0", "t1", "u0"], ["u1", "u2"]])
        #expect(try pages([], limit: 2000) == [["t0", "t1", "u0", "u1", "u2"]])
        #expect(try pages(["u", "x"], limit: 0) == [["u0"], ["u1"], ["u2"], ["x UNKNOWN_TOPIC_OR_PARTITION"]])
        #expect(try pages(["/"], limit: 9) == [["/ INVALID_TOPIC_EXCEPTION"]])
    }
}
