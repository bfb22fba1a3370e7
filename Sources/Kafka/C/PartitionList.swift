internal import Crdkafka

/// Owns a list of partitions in librdkafka's form.
@safe struct PartitionList: ~Copyable {
    let pointer: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>

    init(_ offsets: some Collection<TopicPartitionOffset>) {
        // librdkafka ends the process where it has no memory, so there is always a list.
        unsafe pointer = rd_kafka_topic_partition_list_new(Int32(clamping: offsets.count))
        for offset in offsets {
            let element = unsafe rd_kafka_topic_partition_list_add(
                pointer, offset.partition.topic, offset.partition.partition)
            unsafe element?.pointee.offset = offset.offset
        }
    }

    init(_ partitions: some Collection<TopicPartition>) {
        self.init(partitions.map { TopicPartitionOffset($0, TopicPartitionOffset.none) })
    }

    /// A list of topics, as subscribing wants it.
    init(topics: [String]) {
        self.init(topics.map { TopicPartition($0, -1) })
    }

    deinit { unsafe rd_kafka_topic_partition_list_destroy(pointer) }

    var results: [PartitionResult] { unsafe Self.results(in: pointer) }

    static func results(in list: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>) -> [PartitionResult] {
        (0..<Int(unsafe list.pointee.cnt)).map { index in
            let element = unsafe list.pointee.elems[index]
            let offset = unsafe element.offset
            return PartitionResult(
                partition: unsafe TopicPartition(String(cString: element.topic), element.partition),
                offset: offset >= 0 ? offset : nil, error: unsafe ErrorCode(failure: element.err))
        }
    }

    static func offsets(in list: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>) -> [TopicPartitionOffset] {
        (0..<Int(unsafe list.pointee.cnt)).map { index in
            let element = unsafe list.pointee.elems[index]
            return unsafe TopicPartitionOffset(
                TopicPartition(String(cString: element.topic), element.partition), element.offset)
        }
    }
}
