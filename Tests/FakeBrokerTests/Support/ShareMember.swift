import KafkaProtocol
import NIOCore

@testable import FakeBroker

/// A member of a share group as a client keeps it, with one share session.
struct ShareMember {
    let id: String
    let group: String
    var topics: [String]
    /// Its connection.
    let client: UInt64
    var epoch: Int32 = 0
    var sessionEpoch: Int32 = 0
    var assigned: PartitionSet = []
    /// Says at its next fetch what it reads.
    private var unsaid: PartitionSet = []

    init(_ id: String, group: String = "g", topics: [String] = ["t"], client: UInt64 = 1) {
        self.id = id
        self.group = group
        self.topics = topics
        self.client = client
    }

    /// One heartbeat and what it brings.
    @discardableResult
    mutating func beat(_ brokers: inout VirtualCluster) throws -> ShareGroupHeartbeatResponse {
        var request = ShareGroupHeartbeatRequest()
        request.groupID = group
        request.memberID = id
        request.memberEpoch = epoch
        request.subscribedTopicNames = epoch == 0 ? topics : nil
        let answer = brokers.send(.shareGroupHeartbeat(request), from: client)
        guard case .shareGroupHeartbeat(let response) = answer else { throw UnexpectedAnswer(answer) }
        guard response.errorCode == .none else { return response }
        epoch = response.memberEpoch
        if let assignment = response.assignment {
            let former = assigned
            assigned = PartitionSet(
                assignment.topicPartitions.flatMap { topic in
                    topic.partitions.map { TopicIDPartition(topicID: topic.topicID, partition: $0) }
                })
            unsaid.formUnion(assigned.subtracting(former))
        }
        return response
    }

    mutating func leave(_ brokers: inout VirtualCluster) throws -> ErrorCode {
        epoch = -1
        let error = try beat(&brokers).errorCode
        epoch = 0
        return error
    }

    typealias Acknowledgements = [(partition: TopicIDPartition, first: Int64, last: Int64, type: Int8)]

    /// Joins, and opens a session without waiting for records.
    mutating func open(_ brokers: inout VirtualCluster) throws {
        try beat(&brokers)
        _ = try fetch(&brokers)
    }

    mutating func fetchRequest(
        _ acknowledgements: Acknowledgements = [], maxRecords: Int32 = 100, maxWait: Duration = .zero
    ) -> ShareFetchRequest {
        var request = ShareFetchRequest()
        request.groupID = group
        request.memberID = id
        request.shareSessionEpoch = sessionEpoch
        request.maxWaitMs = Int32(maxWait / .milliseconds(1))
        request.minBytes = 1
        request.maxRecords = maxRecords
        for partition in unsaid.union(acknowledgements.map(\.partition)).sorted() {
            var topic = ShareFetchRequest.FetchTopic()
            topic.topicID = partition.topicID
            var asked = ShareFetchRequest.FetchPartition()
            asked.partitionIndex = partition.partition
            asked.acknowledgementBatches = acknowledgements.filter { $0.partition == partition }.map {
                var batch = ShareFetchRequest.AcknowledgementBatch()
                batch.firstOffset = $0.first
                batch.lastOffset = $0.last
                batch.acknowledgeTypes = [$0.type]
                return batch
            }
            topic.partitions = [asked]
            request.topics.append(topic)
        }
        return request
    }

    /// Fetches without waiting, and goes on in its session.
    mutating func fetch(
        _ brokers: inout VirtualCluster, _ acknowledgements: Acknowledgements = [], maxRecords: Int32 = 100
    ) throws -> ShareFetchResponse {
        let request = fetchRequest(acknowledgements, maxRecords: maxRecords)
        let answer = brokers.send(.shareFetch(request), from: client)
        guard case .shareFetch(let response) = answer else { throw UnexpectedAnswer(answer) }
        if response.errorCode == .none { advance() }
        return response
    }

    mutating func advance() {
        sessionEpoch += 1
        unsaid = []
    }

    mutating func acknowledge(
        _ brokers: inout VirtualCluster, _ acknowledgements: Acknowledgements, renews: Bool = false
    ) throws -> ShareAcknowledgeResponse {
        var request = ShareAcknowledgeRequest()
        request.groupID = group
        request.memberID = id
        request.shareSessionEpoch = sessionEpoch
        request.isRenewAck = renews
        request.topics = acknowledgements.map {
            var topic = ShareAcknowledgeRequest.AcknowledgeTopic()
            topic.topicID = $0.partition.topicID
            var asked = ShareAcknowledgeRequest.AcknowledgePartition()
            asked.partitionIndex = $0.partition.partition
            var batch = ShareAcknowledgeRequest.AcknowledgementBatch()
            batch.firstOffset = $0.first
            batch.lastOffset = $0.last
            batch.acknowledgeTypes = [$0.type]
            asked.acknowledgementBatches = [batch]
            topic.partitions = [asked]
            return topic
        }
        let answer = brokers.send(.shareAcknowledge(request), from: client)
        guard case .shareAcknowledge(let response) = answer else { throw UnexpectedAnswer(answer) }
        if response.errorCode == .none { sessionEpoch += 1 }
        return response
    }
}

extension ShareFetchResponse {
    /// Each acquired run as `first-last×deliveries`.
    var acquired: [String] {
        responses.flatMap(\.partitions).flatMap(\.acquiredRecords).map {
            "\($0.firstOffset)-\($0.lastOffset)×\($0.deliveryCount)"
        }
    }

    var values: [String] {
        get throws {
            try responses.flatMap(\.partitions).flatMap { partition in
                try Batches.values(partition.records).filter { record in
                    partition.acquiredRecords.contains { $0.firstOffset...$0.lastOffset ~= record.offset }
                }.map(\.value)
            }
        }
    }
}
