/// What a consumer tells besides its messages, from its own thread and in order with them: once a batch is handed out,
/// everything that happened before its messages were taken has been told.
package enum ConsumerEvent: Sendable {
    /// The group gave partitions; `epoch` is new and is that of all their messages.
    case assigned([TopicPartition], epoch: UInt64)
    /// Where the group has come to in partitions that are held: what is committed, or where reading begins without.
    /// Told once they are assigned, as far as it is known, and after each commit.
    case progress([TopicPartitionOffset])
    /// Where partitions end of which messages lie ready, and librdkafka fetches no more for now. Told after statistics.
    case ends([TopicPartitionOffset])
    /// The group knows this member by this id. Told with the first partitions, and again when it has changed.
    case member(id: String)
    /// The group took partitions; none of their messages is handed out any more. If `isLost`, they may have been
    /// another member's for some time.
    case revoked([TopicPartition], isLost: Bool, epoch: UInt64)
    /// A partition that is held goes on at an offset that was passed before: its log was cut, or made anew. `epoch` is
    /// new and is that of all messages from there on; none of those before is handed out any more.
    case restarted(TopicPartition, at: Int64, epoch: UInt64)
    /// Something failed; librdkafka is getting over it unless the error says fatal.
    case error(KafkaError, TopicPartition?)
    /// Only if `enable.partition.eof` is set.
    case endOfPartition(TopicPartition, offset: Int64)
    /// Only if `statistics.interval.ms` is set.
    case statistics(Statistics)
}

/// Messages that were fetched together, in order within each partition.
package struct ConsumerBatch: Sendable {
    package let messages: [ConsumerMessage]
}
