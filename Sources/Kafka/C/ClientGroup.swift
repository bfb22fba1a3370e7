internal import Crdkafka

// Group membership and positions: what a consumer's thread asks of librdkafka. Nothing here waits for a broker.
extension Client {
    func subscribe(to topics: [String], while operation: String) throws(KafkaError) {
        let list = PartitionList(topics: topics)
        try check(
            topics.isEmpty
                ? unsafe rd_kafka_unsubscribe(pointer) : unsafe rd_kafka_subscribe(pointer, list.pointer), operation)
    }

    /// Whether partitions come and go one by one rather than all at once.
    var isCooperative: Bool {
        guard let name = unsafe rd_kafka_rebalance_protocol(pointer) else { return false }
        return unsafe String(cString: name) == "COOPERATIVE"
    }

    /// The id that the group gave this member; `nil` if it has none.
    var memberID: String? {
        guard let id = unsafe rd_kafka_memberid(pointer) else { return nil }
        defer { unsafe rd_kafka_mem_free(pointer, id) }
        let text = unsafe String(cString: id)
        return text.isEmpty ? nil : text
    }

    /// Takes partitions in addition to those already held.
    func incrementalAssign(_ offsets: [TopicPartitionOffset], while operation: String) throws(KafkaError) {
        let list = PartitionList(offsets)
        try unsafe check(rd_kafka_incremental_assign(pointer, list.pointer), operation)
    }

    func incrementalUnassign(_ offsets: [TopicPartitionOffset], while operation: String) throws(KafkaError) {
        let list = PartitionList(offsets)
        try unsafe check(rd_kafka_incremental_unassign(pointer, list.pointer), operation)
    }

    /// Holds exactly these partitions: to take none that the group gave is another thing than to give all back.
    func assign(_ offsets: [TopicPartitionOffset], while operation: String) throws(KafkaError) {
        let list = PartitionList(offsets)
        try unsafe check(rd_kafka_assign(pointer, list.pointer), operation)
    }

    /// Without a group: none at all if there are none.
    func assign(only offsets: [TopicPartitionOffset], while operation: String) throws(KafkaError) {
        if offsets.isEmpty { try unassign(while: operation) } else { try assign(offsets, while: operation) }
    }

    func unassign(while operation: String) throws(KafkaError) {
        try unsafe check(rd_kafka_assign(pointer, nil), operation)
    }

    /// Moves to other places. librdkafka's own threads carry it out, which this waits for.
    func seek(to offsets: [TopicPartitionOffset], while operation: String) throws(KafkaError) -> [PartitionResult] {
        let list = PartitionList(offsets)
        try unsafe check(rd_kafka_seek_partitions(pointer, list.pointer, 30_000), operation)
        return list.results
    }

    func storeOffsets(_ offsets: [TopicPartitionOffset]) -> [PartitionResult] {
        let list = PartitionList(offsets)
        _ = unsafe rd_kafka_offsets_store(pointer, list.pointer)
        return list.results
    }

    /// Begins to commit `offsets`, or what was stored if `nil`. The result comes to `queue` as an event with `id`.
    func commit(
        _ offsets: [TopicPartitionOffset]?, to queue: borrowing Queue, id: Int, while operation: String
    ) throws(KafkaError) {
        let list = PartitionList(offsets ?? [])
        let opaque = unsafe UnsafeMutableRawPointer(bitPattern: id)
        try check(
            unsafe rd_kafka_commit_queue(
                pointer, offsets == nil ? nil : list.pointer, queue.pointer, nil, opaque), operation)
    }

    func positions(of partitions: [TopicPartition]) -> [PartitionResult] {
        let list = PartitionList(partitions)
        _ = unsafe rd_kafka_position(pointer, list.pointer)
        return list.results
    }

    /// What the last fetch said of a partition's log.
    func cachedWatermarks(of partition: TopicPartition, while operation: String) throws(KafkaError) -> Watermarks {
        var low: Int64 = 0
        var high: Int64 = 0
        try check(
            unsafe rd_kafka_get_watermark_offsets(pointer, partition.topic, partition.partition, &low, &high),
            operation)
        return Watermarks(low: low, high: high)
    }

    /// Begins to leave the group. Revocations and the end come to the consumer queue, which is forwarded to `queue`.
    func beginClose(to queue: borrowing Queue, while operation: String) throws(KafkaError) {
        try unsafe check(rd_kafka_consumer_close_queue(pointer, queue.pointer), operation)
    }

    var isConsumerClosed: Bool { unsafe rd_kafka_consumer_closed(pointer) != 0 }

    // MARK: Results

    private func check(_ code: rd_kafka_resp_err_t, _ operation: String) throws(KafkaError) {
        guard let code = ErrorCode(failure: code) else { return }
        if code == .fatal, let fatal = fatalFailure(while: operation) { throw fatal }
        throw KafkaError(code, while: operation)
    }

    private func check(_ error: OpaquePointer?, _ operation: String) throws(KafkaError) {
        guard let error = unsafe error else { return }
        throw unsafe KafkaError(consuming: error, while: operation)
    }
}
