// Where the consumer reads on, and where it does not.

extension ConsumerLoop {
    func setPaused(_ isPaused: Bool, _ partitions: [TopicPartition]) {
        let meant = Set(partitions)
        if isPaused {
            assignment.pause(partitions)
            mailbox.withhold { meant.contains($0.topicPartition) }
        } else {
            assignment.resume(partitions)
            mailbox.release { meant.contains($0.topicPartition) }
        }
    }

    /// Messages that were taken from the old place but not yet handed out are dropped.
    func seek(to offsets: [TopicPartitionOffset]) -> Result<[PartitionResult], KafkaError> {
        let moved = Set(offsets.map(\.partition))
        mailbox.drop { moved.contains($0.topicPartition) }
        for partition in moved { assignment.note(next: 0, of: partition) }
        return Result { () throws(KafkaError) in try client.seek(to: offsets, while: "seeking to \(offsets)") }
    }
}
