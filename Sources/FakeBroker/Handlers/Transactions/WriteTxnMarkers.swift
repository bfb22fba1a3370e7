internal import KafkaProtocol

// WriteTxnMarkers (key 27): markers written by hand. Brokers send it to each other, and administrators to end a
// transaction that hangs; a transaction that ends by itself needs none of it here.

extension Cluster {
    mutating func writeTxnMarkers(
        _ request: WriteTxnMarkersRequest, _ context: RequestContext, effects: inout Effects
    ) {
        var response = WriteTxnMarkersResponse()
        var growth: [Growth] = []
        var firstError = ErrorCode.none
        for marker in request.markers {
            var answer = WriteTxnMarkersResponse.WritableTxnMarkerResult()
            answer.producerID = marker.producerID
            for topic in marker.topics {
                var result = WriteTxnMarkersResponse.WritableTxnMarkerTopicResult()
                result.name = topic.name
                for index in topic.partitionIndexes {
                    var partition = WriteTxnMarkersResponse.WritableTxnMarkerPartitionResult()
                    partition.partitionIndex = index
                    partition.errorCode = write(
                        marker, to: TopicPartition(topic: topic.name, partition: index), broker: context.broker,
                        growth: &growth)
                    if firstError == .none { firstError = partition.errorCode }
                    result.partitions.append(partition)
                }
                answer.topics.append(result)
            }
            response.markers.append(answer)
        }
        reply(to: context, .writeTxnMarkers(response), error: firstError, effects: &effects)
        wakeFetches(growth, effects: &effects)
    }

    private mutating func write(
        _ marker: WriteTxnMarkersRequest.WritableTxnMarker, to partition: TopicPartition, broker: Int32,
        growth: inout [Growth]
    ) -> ErrorCode {
        let producer = ProducerIdentity(id: marker.producerID, epoch: marker.producerEpoch)
        let kind: ControlRecord.Kind = marker.transactionResult ? .commit : .abort
        if partition.topic == GroupOffsetsTopic.name {
            for group in transactions.offsets.groups(producerID: producer.id)
            where GroupOffsetsTopic.partition(of: group) == partition.partition {
                endOffsets(kind, group: group, producerID: producer.id)
            }
            return .none
        }
        guard producer.id >= 0, producer.epoch >= 0 else { return .invalidRequest }
        guard let position = topics[partition.topic]?.position(of: partition.partition),
            let found = topics[partition.topic]?.partitions[position]
        else { return .unknownTopicOrPartition }
        guard found.leader == broker else { return .notLeaderOrFollower }
        let error = found.producers.checkMarker(
            producer, coordinatorEpoch: marker.coordinatorEpoch, isNextEpoch: marker.transactionVersion >= 2)
        guard error == .none else { return error }
        if let grown = writeMarker(kind, as: producer, coordinatorEpoch: marker.coordinatorEpoch, to: partition) {
            growth.append(grown)
        }
        return .none
    }
}

/// Kafka's internal topic of committed offsets. There is none here; but transactions name it where groups join them.
enum GroupOffsetsTopic {
    static let name = "__consumer_offsets"

    static func partition(of group: String) -> Int32 { Int32(Brokers.internalPartition(of: group)) }
}

extension WriteTxnMarkersResponse {
    init(refusing request: WriteTxnMarkersRequest, with error: ErrorCode) {
        self.init()
        markers = request.markers.map { marker in
            var answer = WritableTxnMarkerResult()
            answer.producerID = marker.producerID
            answer.topics = marker.topics.map { topic in
                var result = WritableTxnMarkerTopicResult()
                result.name = topic.name
                result.partitions = topic.partitionIndexes.map { index in
                    var partition = WritableTxnMarkerPartitionResult()
                    partition.partitionIndex = index
                    partition.errorCode = error
                    return partition
                }
                return result
            }
            return answer
        }
    }
}
