import KafkaProtocol
import NIOCore
import Testing

@testable import FakeBroker

@Suite struct `Produce` {
    private var brokers = VirtualCluster { $0.topics = [.init("t", partitions: 2)] }

    @Test(arguments: [Int16(1), -1])
    mutating func `is answered with the base offset`(acks: Int16) {
        #expect(brokers.produce(Batches.make(["a", "b"]), acks: acks)?.baseOffset == 0)
        #expect(brokers.produce(Batches.make(["c"]), acks: acks)?.baseOffset == 2)
    }

    @Test mutating func `without acknowledgement is not answered but done`() {
        #expect(brokers.produce(Batches.make(["a"]), acks: 0) == nil)
        #expect(brokers.unanswered == [9])
        #expect(brokers.cluster.topics["t"]?.partitions[0].log.endOffset == 1)
    }

    @Test mutating func `without acknowledgement closes the connection when it fails`() {
        #expect(brokers.produce(Batches.make(["a"]), to: "x", acks: 0) == nil)
        #expect(brokers.closed == [9])
    }

    @Test(arguments: [Int16(2), -2])
    mutating func `knows no other acknowledgements`(acks: Int16) {
        #expect(brokers.produce(Batches.make(["a"]), acks: acks)?.errorCode == .invalidRequiredAcks)
    }

    @Test mutating func `to what is not there is refused`() {
        #expect(brokers.produce(Batches.make(["a"]), to: "x")?.errorCode == .unknownTopicOrPartition)
        #expect(brokers.produce(Batches.make(["a"]), partition: 2)?.errorCode == .unknownTopicOrPartition)
        #expect(brokers.produce(Batches.make(["a"]), partition: -1)?.errorCode == .unknownTopicOrPartition)
        #expect(brokers.produce(Batches.make(["a"]), to: "", version: 13)?.errorCode == .unknownTopicID)
    }

    @Test mutating func `of zstd needs a client that may know it`() {
        var zstd = Batches.make(["a"])
        zstd.setInteger(UInt8(4), at: zstd.readerIndex + 22)
        zstd.sealBatch(at: zstd.readerIndex, sizeInBytes: zstd.readableBytes)
        #expect(brokers.produce(zstd, version: 6)?.errorCode == .unsupportedCompressionType)
        #expect(brokers.produce(zstd, version: 7)?.errorCode == ErrorCode.none)
    }

    @Test mutating func `to several partitions keeps each batch`() throws {
        var request = ProduceRequest()
        request.acks = 1
        var asked = ProduceRequest.TopicProduceData()
        asked.name = "t"
        asked.partitionData = [Int32(0), 1, 2].map { index in
            var data = ProduceRequest.PartitionProduceData()
            data.index = index
            data.records = Batches.make(["\(index)"])
            return data
        }
        request.topicData = [asked]
        guard case .produce(let response) = brokers.send(.produce(request), version: 9) else { return }
        let results = response.responses[0].partitionResponses
        #expect(results.map(\.index) == [0, 1, 2])
        #expect(results.map(\.errorCode) == [.none, .none, .unknownTopicOrPartition])
        let read = brokers.fetch(VirtualCluster.fetchRequest(partitions: [0, 1]))
        #expect(try read?.values == ["0", "1"])
    }
}

@Suite struct `List offsets` {
    private var brokers = VirtualCluster { $0.topics = [.init("t")] }

    private mutating func offset(_ timestamp: Int64, version: Int16 = 7) -> ListOffsetsResponse
        .ListOffsetsPartitionResponse?
    {
        var request = ListOffsetsRequest()
        var partition = ListOffsetsRequest.ListOffsetsPartition()
        partition.timestamp = timestamp
        var topic = ListOffsetsRequest.ListOffsetsTopic()
        topic.name = "t"
        topic.partitions = [partition]
        request.topics = [topic]
        guard case .listOffsets(let response) = brokers.send(.listOffsets(request), version: version) else {
            return nil
        }
        return response.topics[0].partitions[0]
    }

    @Test mutating func `finds the ends, the greatest timestamp and the time asked for`() {
        _ = brokers.produce(Batches.make(["a", "b"], timestamp: 100))
        _ = brokers.produce(Batches.make(["c"], timestamp: 50))
        #expect(offset(-1)?.offset == 3)
        #expect(offset(-2)?.offset == 0)
        #expect(offset(-3)?.offset == 1)
        #expect(offset(-3)?.timestamp == 101)
        #expect(offset(-4)?.offset == 0)
        #expect(offset(-5)?.offset == -1)
        #expect(offset(101)?.offset == 1)
        #expect(offset(102)?.offset == -1)
        #expect(offset(102)?.leaderEpoch == -1)
        #expect(offset(-1, version: 0)?.oldStyleOffsets == [3])
    }
}
