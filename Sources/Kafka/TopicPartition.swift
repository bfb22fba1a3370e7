/// One partition of a topic.
package struct TopicPartition: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let topic: String
    package let partition: Int32

    package init(_ topic: String, _ partition: Int32) {
        self.topic = topic
        self.partition = partition
    }

    package static func < (left: TopicPartition, right: TopicPartition) -> Bool {
        (left.topic, left.partition) < (right.topic, right.partition)
    }

    package var description: String { "\(topic)/\(partition)" }
}

/// A place in a partition: the offset of the next message to read.
package struct TopicPartitionOffset: Hashable, Sendable, CustomStringConvertible {
    package let partition: TopicPartition
    package let offset: Int64

    package init(_ partition: TopicPartition, _ offset: Int64) {
        self.partition = partition
        self.offset = offset
    }

    package var description: String { "\(partition)@\(offset)" }

    // Places without a number, as librdkafka writes them.
    package static let beginning: Int64 = -2
    package static let end: Int64 = -1
    /// The group's committed offset, or `auto.offset.reset` where there is none.
    package static let committed: Int64 = -1000
    package static let none: Int64 = -1001
}

/// What became of an operation in one partition.
package struct PartitionResult: Hashable, Sendable {
    package let partition: TopicPartition
    /// `nil` where there is none: nothing consumed, nothing committed.
    package let offset: Int64?
    package let error: ErrorCode?

    package init(partition: TopicPartition, offset: Int64?, error: ErrorCode?) {
        self.partition = partition
        self.offset = offset
        self.error = error
    }

    /// What was asked for, unless it failed or there is none.
    var place: TopicPartitionOffset? {
        guard error == nil, let offset else { return nil }
        return TopicPartitionOffset(partition, offset)
    }
}

/// First and next offset of a partition's log.
package struct Watermarks: Hashable, Sendable {
    package let low: Int64
    package let high: Int64
}
