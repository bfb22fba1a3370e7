import KafkaProtocol
import NIOCore
import Testing

@testable import FakeBroker

/// A transactional producer of a virtual cluster, and what it has to number by itself.
struct TransactionalClient {
    let id: String
    var producer = ProducerIdentity.none
    /// The next sequence number of each partition.
    var sequences: [TopicPartition: Int32] = [:]

    init(_ id: String) {
        self.id = id
    }

    mutating func become(_ next: ProducerIdentity) {
        if producer != next { sequences = [:] }
        producer = next
    }
}

extension VirtualCluster {
    mutating func initProducer(
        _ client: inout TransactionalClient, expecting: ProducerIdentity? = nil,
        timeout: Duration = .seconds(60), version: Int16 = 5
    ) -> ErrorCode {
        var request = InitProducerIdRequest()
        request.transactionalID = client.id
        request.transactionTimeoutMs = Int32(timeout / .milliseconds(1))
        if let expecting { (request.producerID, request.producerEpoch) = (expecting.id, expecting.epoch) }
        guard case .initProducerId(let answer) = send(.initProducerId(request), version: version) else {
            return .unknownServerError
        }
        if answer.errorCode == .none {
            client.become(ProducerIdentity(id: answer.producerID, epoch: answer.producerEpoch))
        }
        return answer.errorCode
    }

    /// As version 1 does before it writes to a partition.
    mutating func addPartition(
        _ client: TransactionalClient, _ topic: String = "t", _ partition: Int32 = 0, version: Int16 = 3
    ) -> ErrorCode {
        var request = AddPartitionsToTxnRequest()
        request.v3AndBelowTransactionalID = client.id
        request.v3AndBelowProducerID = client.producer.id
        request.v3AndBelowProducerEpoch = client.producer.epoch
        var asked = AddPartitionsToTxnRequest.AddPartitionsToTxnTopic()
        asked.name = topic
        asked.partitions = [partition]
        request.v3AndBelowTopics = [asked]
        guard case .addPartitionsToTxn(let answer) = send(.addPartitionsToTxn(request), version: version) else {
            return .unknownServerError
        }
        return answer.resultsByTopicV3AndBelow[0].resultsByPartition[0].partitionErrorCode
    }

    /// Produce version 11 is the last that does not join the transaction.
    mutating func write(
        _ values: [String], _ client: inout TransactionalClient, _ topic: String = "t", _ partition: Int32 = 0,
        version: Int16 = 12
    ) -> ErrorCode {
        let key = TopicPartition(topic: topic, partition: partition)
        let sequence = client.sequences[key] ?? 0
        var builder = RecordBatchBuilder()
        builder.attributes.isTransactional = true
        builder.producerID = client.producer.id
        builder.producerEpoch = client.producer.epoch
        builder.baseSequence = sequence
        for value in values { builder.append(value: ByteBuffer(string: value), timestampMs: 1000) }
        var request = ProduceRequest()
        request.acks = -1
        request.transactionalID = client.id
        var data = ProduceRequest.PartitionProduceData()
        data.index = partition
        data.records = builder.build()
        var asked = ProduceRequest.TopicProduceData()
        asked.name = topic
        asked.partitionData = [data]
        request.topicData = [asked]
        guard case .produce(let answer) = send(.produce(request), version: version),
            let error = answer.responses.first?.partitionResponses.first?.errorCode
        else { return .unknownServerError }
        if error == .none { client.sequences[key] = sequence + Int32(values.count) }
        return error
    }

    mutating func end(
        _ client: inout TransactionalClient, commit: Bool, version: Int16 = 5
    ) -> ErrorCode {
        var request = EndTxnRequest()
        request.transactionalID = client.id
        request.producerID = client.producer.id
        request.producerEpoch = client.producer.epoch
        request.committed = commit
        guard case .endTxn(let answer) = send(.endTxn(request), version: version) else { return .unknownServerError }
        if answer.errorCode == .none, version >= 5 {
            client.become(ProducerIdentity(id: answer.producerID, epoch: answer.producerEpoch))
        }
        return answer.errorCode
    }

    mutating func commitOffset(
        _ offset: Int64, group: String, _ client: TransactionalClient, version: Int16 = 5
    ) -> ErrorCode {
        var request = TxnOffsetCommitRequest()
        request.transactionalID = client.id
        request.groupID = group
        request.producerID = client.producer.id
        request.producerEpoch = client.producer.epoch
        var partition = TxnOffsetCommitRequest.TxnOffsetCommitRequestPartition()
        partition.committedOffset = offset
        var topic = TxnOffsetCommitRequest.TxnOffsetCommitRequestTopic()
        topic.name = "t"
        topic.partitions = [partition]
        request.topics = [topic]
        guard case .txnOffsetCommit(let answer) = send(.txnOffsetCommit(request), version: version) else {
            return .unknownServerError
        }
        return answer.topics[0].partitions[0].errorCode
    }

    mutating func addOffsets(group: String, _ client: TransactionalClient) -> ErrorCode {
        var request = AddOffsetsToTxnRequest()
        request.transactionalID = client.id
        request.producerID = client.producer.id
        request.producerEpoch = client.producer.epoch
        request.groupID = group
        guard case .addOffsetsToTxn(let answer) = send(.addOffsetsToTxn(request)) else { return .unknownServerError }
        return answer.errorCode
    }

    /// The only partition's committed offset and error.
    mutating func offset(group: String, stable: Bool = true) throws -> (offset: Int64, error: ErrorCode) {
        var asked = OffsetFetchRequest.OffsetFetchRequestTopics()
        asked.name = "t"
        asked.partitionIndexes = [0]
        var only = OffsetFetchRequest.OffsetFetchRequestGroup()
        only.groupID = group
        only.topics = [asked]
        var request = OffsetFetchRequest()
        request.groups = [only]
        request.requireStable = stable
        let answer = send(.offsetFetch(request), version: 9)
        guard case .offsetFetch(let response) = answer,
            let found = response.groups.first?.topics.first?.partitions.first
        else { throw UnexpectedAnswer(answer) }
        return (found.committedOffset, found.errorCode)
    }

    /// What somebody reads who wants committed records only: batches up to the last stable offset, without markers
    /// and without what the reply says was aborted.
    mutating func readCommitted(_ topic: String = "t", _ partition: Int32 = 0, maxBytes: Int32 = 1 << 20) throws
        -> [String]
    {
        var values: [String] = []
        var offset: Int64 = 0
        while true {
            var request = Self.fetchRequest(
                topic, partitions: [partition], offset: offset, maxWait: .zero, partitionMaxBytes: maxBytes)
            request.isolationLevel = 1
            let answer = fetch(request)
            guard let data = answer?.only, data.errorCode == .none else { throw UnexpectedAnswer(nil) }
            guard var records = data.records, records.readableBytes > 0 else { return values }
            var starts = data.abortedTransactions ?? []
            var aborting: Set<Int64> = []
            while let (batch, bytes) = try RecordBatch.next(from: &records) {
                try batch.validate(bytes)
                while let first = starts.first, first.firstOffset <= batch.baseOffset {
                    aborting.insert(first.producerID)
                    starts.removeFirst()
                }
                offset = batch.nextOffset
                if batch.attributes.isControl {
                    aborting.remove(batch.producerID)
                } else if !(batch.attributes.isTransactional && aborting.contains(batch.producerID)) {
                    var reader = try RecordBatchReader(batch, bytes)
                    while let record = try reader.next() { values.append(String(buffer: record.value ?? ByteBuffer())) }
                }
            }
        }
    }

    func stableOffset(_ topic: String = "t", _ partition: Int = 0) -> Int64 {
        cluster.topics[topic]?.partitions[partition].lastStableOffset ?? -1
    }
}
