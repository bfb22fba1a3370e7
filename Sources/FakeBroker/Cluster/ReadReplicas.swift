internal import KafkaProtocol

// Which replica a consumer is to read from (KIP-392): one in its own rack, or the one that a test has chosen. All
// replicas share one log, so each has everything.

/// Where a consumer is to read.
enum ReadReplica: Equatable {
    /// At the leader, as ever.
    case leader
    /// Here, whoever leads.
    case servesHere
    /// At the broker of this node id.
    case elsewhere(Int32)
}

extension Cluster {
    /// - Parameter rack: of the consumer; nil if its version cannot be sent elsewhere.
    func readReplica(_ slot: Int, _ position: Int, broker: Int32, rack: String?) -> ReadReplica {
        guard let rack, !rack.isEmpty || !readReplicas.isEmpty, let topic = topics[slot: slot] else { return .leader }
        let partition = topic.partitions[position]
        if servesAsFollower(broker, partition, of: topic.name, rack: rack) { return .servesHere }
        return preferredReplica(partition, of: topic.name, rack: rack).map(ReadReplica.elsewhere) ?? .leader
    }

    /// The replica to which the leader sends a consumer; nil: it may stay.
    private func preferredReplica(_ partition: Partition, of topic: String, rack: String) -> Int32? {
        if let chosen = readReplicas[TopicPartition(topic: topic, partition: partition.index)], brokers.isUp(chosen) {
            return chosen == partition.leader ? nil : chosen
        }
        guard !rack.isEmpty, brokers[partition.leader]?.rack != rack else { return nil }
        return partition.replicas.first { brokers.isUp($0) && brokers[$0]?.rack == rack }
    }

    /// Whether a broker that does not lead serves this consumer. Kafka's followers serve every consumer that could be
    /// sent to one; here only those that were, so that a client that missed a move of the leader is told.
    private func servesAsFollower(_ broker: Int32, _ partition: Partition, of topic: String, rack: String) -> Bool {
        guard broker != partition.leader, partition.replicas.contains(broker) else { return false }
        let chosen = readReplicas[TopicPartition(topic: topic, partition: partition.index)]
        return chosen == broker || (!rack.isEmpty && brokers[broker]?.rack == rack)
    }
}

extension RequestContext {
    /// From version 11 on a fetch names the consumer's rack and may be sent elsewhere.
    var mayReadFromFollower: Bool { apiVersion >= 11 }
    /// From version 13 on a fetch names topics by their ids.
    var fetchesByTopicID: Bool { apiVersion >= 13 }
}
