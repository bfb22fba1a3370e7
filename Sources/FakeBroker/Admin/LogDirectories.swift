internal import KafkaProtocol

/// Which of its two directories each broker says it keeps a partition in. Nothing is there: all data is the cluster's.
struct LogDirectories: Sendable {
    static let paths = ["/var/lib/kafka/data-0", "/var/lib/kafka/data-1"]
    /// What a volume is said to hold.
    static let volumeBytes: Int64 = 1 << 40

    private struct Replica: Hashable, Sendable {
        let broker: Int32
        let partition: TopicPartition
    }

    /// Those that were moved; the others are in the first. For look-ups only.
    private var moved: [Replica: Int] = [:]

    func directory(of partition: TopicPartition, on broker: Int32) -> Int {
        moved[Replica(broker: broker, partition: partition)] ?? 0
    }

    mutating func move(_ partition: TopicPartition, on broker: Int32, to directory: Int) {
        moved[Replica(broker: broker, partition: partition)] = directory == 0 ? nil : directory
    }

    mutating func forget(topic: String) {
        moved = moved.filter { $0.key.partition.topic != topic }
    }
}
