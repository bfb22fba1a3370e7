import KafkaProtocol
import NIOCore
import Testing

@testable import FakeBroker

@Suite struct `Around transactions` {
    private var cluster = VirtualCluster { $0.topics = [.init("t", partitions: 2)] }

    private mutating func begin(_ id: String = "x") -> TransactionalClient {
        var client = TransactionalClient(id)
        #expect(cluster.initProducer(&client) == .none)
        return client
    }

    // MARK: Readers

    private func request(committed: Bool, offset: Int64 = 0) -> FetchRequest {
        var request = VirtualCluster.fetchRequest(offset: offset, maxWait: .seconds(1))
        request.isolationLevel = committed ? 1 : 0
        return request
    }

    @Test mutating func `a reader of committed records waits for the end, another does not`() throws {
        var client = begin()
        #expect(cluster.fetch(request(committed: true), from: 1) == nil)
        #expect(cluster.fetch(request(committed: false), from: 2) == nil)
        #expect(cluster.write(["a"], &client) == .none)
        #expect(cluster.take(1).isEmpty)
        #expect(try cluster.takeFetch(2).only?.lastStableOffset == 0)
        #expect(cluster.end(&client, commit: true) == .none)
        let woken = try cluster.takeFetch(1)
        #expect(woken.only?.lastStableOffset == 2)
        #expect(woken.only?.abortedTransactions == [])
        // Nobody is told in vain.
        #expect(cluster.fetch(request(committed: true, offset: 2), from: 1) == nil)
        cluster.pass(.seconds(1))
        #expect(try cluster.takeFetch(1).only?.records?.readableBytes == 0)
    }

    @Test mutating func `an open transaction holds back what others write after it`() throws {
        var (slow, fast) = (begin("slow"), begin("fast"))
        #expect(cluster.write(["a"], &slow) == .none)
        #expect(cluster.write(["b"], &fast) == .none)
        _ = cluster.produce(Batches.make(["c"]))
        #expect(cluster.end(&fast, commit: true) == .none)
        #expect(cluster.stableOffset() == 0)
        #expect(try cluster.readCommitted() == [])
        #expect(cluster.end(&slow, commit: false) == .none)
        #expect(try cluster.readCommitted() == ["b", "c"])
    }

    @Test mutating func `the end of a partition depends on who asks`() throws {
        var client = begin()
        _ = cluster.produce(Batches.make(["a"], timestamp: 500))
        #expect(cluster.write(["b"], &client) == .none)
        func offset(_ timestamp: Int64, committed: Bool) throws -> Int64? {
            var partition = ListOffsetsRequest.ListOffsetsPartition()
            partition.timestamp = timestamp
            var topic = ListOffsetsRequest.ListOffsetsTopic()
            topic.name = "t"
            topic.partitions = [partition]
            var request = ListOffsetsRequest()
            request.isolationLevel = committed ? 1 : 0
            request.topics = [topic]
            guard case .listOffsets(let answer) = cluster.send(.listOffsets(request)) else { return nil }
            return answer.topics[0].partitions[0].offset
        }
        #expect(try offset(-1, committed: false) == 2)
        #expect(try offset(-1, committed: true) == 1)
        #expect(try offset(400, committed: true) == 0)
        // What is found is not stable yet.
        #expect(try offset(900, committed: true) == -1)
        #expect(try offset(900, committed: false) == 1)
    }

    // MARK: Offsets

    @Test mutating func `offsets move when the transaction commits, and not when it aborts`() throws {
        for (commit, expected) in [(false, Int64(-1)), (true, 7)] {
            var client = begin()
            #expect(cluster.commitOffset(7, group: "g", client) == .none)
            #expect(try cluster.offset(group: "g") == (-1, .unstableOffsetCommit))
            #expect(try cluster.offset(group: "g", stable: false) == (-1, .none))
            #expect(cluster.end(&client, commit: commit) == .none)
            #expect(try cluster.offset(group: "g") == (expected, .none))
        }
    }

    @Test mutating func `with version 1 the group must be added before`() throws {
        var client = begin()
        #expect(cluster.commitOffset(7, group: "g", client, version: 4) == .transactionAbortable)
        #expect(cluster.commitOffset(7, group: "g", client, version: 3) == .invalidTxnState)
        #expect(cluster.addOffsets(group: "g", client) == .none)
        #expect(cluster.commitOffset(7, group: "g", client, version: 3) == .none)
        #expect(cluster.end(&client, commit: true, version: 4) == .none)
        #expect(try cluster.offset(group: "g") == (7, .none))
    }

    @Test mutating func `offsets of a producer that was shut out are refused`() throws {
        let old = begin()
        _ = begin()
        #expect(cluster.commitOffset(7, group: "g", old) == .invalidProducerEpoch)
        #expect(cluster.addOffsets(group: "g", old) == .producerFenced)
    }

    @Test mutating func `a member that the group does not know may not commit`() throws {
        let client = begin()
        var request = TxnOffsetCommitRequest()
        request.transactionalID = "x"
        request.groupID = "g"
        request.producerID = client.producer.id
        request.producerEpoch = client.producer.epoch
        request.generationID = 3
        request.memberID = "nobody"
        var topic = TxnOffsetCommitRequest.TxnOffsetCommitRequestTopic()
        topic.name = "t"
        topic.partitions = [.init()]
        request.topics = [topic]
        guard case .txnOffsetCommit(let answer) = cluster.send(.txnOffsetCommit(request)) else {
            throw UnexpectedAnswer(nil)
        }
        #expect(answer.topics[0].partitions[0].errorCode == .illegalGeneration)
    }

    // MARK: Administration

    @Test mutating func `producers of a partition are described`() throws {
        var client = begin()
        #expect(cluster.write(["a", "b"], &client) == .none)
        var topic = DescribeProducersRequest.TopicRequest()
        topic.name = "t"
        topic.partitionIndexes = [0, 9]
        var request = DescribeProducersRequest()
        request.topics = [topic]
        guard case .describeProducers(let answer) = cluster.send(.describeProducers(request)) else {
            throw UnexpectedAnswer(nil)
        }
        let partitions = answer.topics[0].partitions
        #expect(partitions.map(\.errorCode) == [.none, .unknownTopicOrPartition])
        let state = try #require(partitions[0].activeProducers.first)
        #expect(state.producerID == client.producer.id)
        #expect(state.lastSequence == 1)
        #expect(state.currentTxnStartOffset == 0)
    }

    @Test mutating func `transactions are described and listed`() throws {
        var (open, done) = (begin("open"), begin("done"))
        cluster.pass(.seconds(5))
        #expect(cluster.write(["a"], &open) == .none)
        #expect(cluster.commitOffset(1, group: "g", open) == .none)
        #expect(cluster.write(["a"], &done) == .none)
        #expect(cluster.end(&done, commit: true) == .none)
        cluster.pass(.seconds(2))

        var describe = DescribeTransactionsRequest()
        describe.transactionalIDs = ["open", "done", "none"]
        guard case .describeTransactions(let described) = cluster.send(.describeTransactions(describe)) else {
            throw UnexpectedAnswer(nil)
        }
        #expect(described.transactionStates.map(\.errorCode) == [.none, .none, .transactionalIDNotFound])
        #expect(described.transactionStates.map(\.transactionState) == ["Ongoing", "CompleteCommit", ""])
        #expect(described.transactionStates[0].topics.map(\.topic) == ["t", "__consumer_offsets"])
        #expect(described.transactionStates[0].transactionStartTimeMs == 1_005_000)

        func list(_ change: (inout ListTransactionsRequest) -> Void) throws -> [String] {
            var request = ListTransactionsRequest()
            change(&request)
            guard case .listTransactions(let answer) = cluster.send(.listTransactions(request)) else { return [] }
            return answer.errorCode == .none
                ? answer.transactionStates.map(\.transactionalID)
                : [
                    answer.errorCode.description
                ]
        }
        #expect(try list { _ in } == ["open", "done"])
        #expect(try list { $0.stateFilters = ["Ongoing", "Dreaming"] } == ["open"])
        #expect(try list { $0.stateFilters = ["Dreaming"] } == [])
        #expect(try list { $0.producerIDFilters = [done.producer.id] } == ["done"])
        #expect(try list { $0.durationFilter = 1000 } == ["open", "done"])
        #expect(try list { $0.durationFilter = 10_000 } == [])
        #expect(try list { $0.transactionalIDPattern = "o.*" } == ["open"])
        #expect(try list { $0.transactionalIDPattern = "(" } == ["INVALID_REGULAR_EXPRESSION"])
    }

    @Test mutating func `a marker written by hand ends what hangs`() throws {
        var client = begin()
        #expect(cluster.write(["a"], &client) == .none)
        func write(epoch: Int16, coordinator: Int32 = 0, version: Int8 = 1, to topic: String = "t") -> ErrorCode? {
            var asked = WriteTxnMarkersRequest.WritableTxnMarkerTopic()
            asked.name = topic
            asked.partitionIndexes = [0]
            var marker = WriteTxnMarkersRequest.WritableTxnMarker()
            marker.producerID = client.producer.id
            marker.producerEpoch = epoch
            marker.coordinatorEpoch = coordinator
            marker.transactionVersion = version
            marker.topics = [asked]
            var request = WriteTxnMarkersRequest()
            request.markers = [marker]
            guard case .writeTxnMarkers(let answer) = cluster.send(.writeTxnMarkers(request)) else { return nil }
            return answer.markers[0].topics[0].partitions[0].errorCode
        }
        let epoch = client.producer.epoch
        #expect(write(epoch: epoch, to: "nowhere") == .unknownTopicOrPartition)
        #expect(write(epoch: epoch, version: 2) == .invalidProducerEpoch)
        #expect(cluster.stableOffset() == 0)
        #expect(write(epoch: epoch + 1, coordinator: 3, version: 2) == ErrorCode.none)
        #expect(cluster.stableOffset() == 2)
        #expect(write(epoch: epoch) == .invalidProducerEpoch)
        #expect(write(epoch: epoch + 1, coordinator: 2) == .transactionCoordinatorFenced)
        #expect(try cluster.readCommitted() == [])
    }

    // MARK: Features

    @Test(arguments: [
        ("apache-kafka-java", "4.1.0", true), ("librdkafka", "2.0.2", false), ("librdkafka", "2.16.1", true),
        ("confluent-kafka-python", "2.0.2-rdkafka-2.0.2", false), ("kafka-go", "0.1", true),
        ("confluent-kafka-python", "2.16.1-librdkafka-2.16.1", true), ("librdkafka", "v2.9.0-rc1", false),
    ])
    mutating func `clients are told the version of transactions, unless they would misread it`(
        name: String, version: String, isTold: Bool
    ) throws {
        for apiVersion in Int16(0)...4 {
            var request = ApiVersionsRequest()
            request.clientSoftwareName = name
            request.clientSoftwareVersion = version
            guard case .apiVersions(let answer) = cluster.send(.apiVersions(request), version: apiVersion) else {
                throw UnexpectedAnswer(nil)
            }
            let told = answer.finalizedFeatures.first { $0.name == "transaction.version" }
            #expect(told?.maxVersionLevel == (isTold && apiVersion >= 3 ? 2 : nil))
            let isSupported = answer.supportedFeatures.contains { $0.name == "transaction.version" }
            #expect(isSupported == (isTold && apiVersion >= 4))
        }
    }
}
