internal import Crdkafka
internal import Logging

// Questions to the brokers. Each blocks its thread until the answer or the timeout: see `Thread.blocking`.
extension Client {
    func committed(
        _ partitions: [TopicPartition], timeout: Duration, while operation: String
    ) throws(KafkaError) -> [PartitionResult] {
        let list = PartitionList(partitions)
        let code = unsafe rd_kafka_committed(pointer, list.pointer, timeout.forLibrdkafka)
        if let code = ErrorCode(failure: code) { throw KafkaError(code, while: operation) }
        return list.results
    }

    /// The first offset of each partition whose message is no older than a time; `nil` where there is none.
    ///
    /// - Parameter times: Milliseconds since 1970 in the place of offsets.
    func offsets(
        atTimes times: [TopicPartitionOffset], timeout: Duration, while operation: String
    ) throws(KafkaError) -> [PartitionResult] {
        let list = PartitionList(times)
        let code = unsafe rd_kafka_offsets_for_times(pointer, list.pointer, timeout.forLibrdkafka)
        if let code = ErrorCode(failure: code) { throw KafkaError(code, while: operation) }
        return list.results
    }

    /// The same of those partitions that brokers answer for. One that has no leader fails the question for all, and so
    /// does one that may not be asked for: then each is asked for alone, in the other half of the time.
    func knownOffsets(
        atTimes times: [TopicPartitionOffset], timeout: Duration, while operation: String, logger: Logger
    ) -> [TopicPartitionOffset] {
        func ask(_ times: [TopicPartitionOffset], _ timeout: Duration) -> [TopicPartitionOffset]? {
            do throws(KafkaError) {
                return try offsets(atTimes: times, timeout: timeout, while: operation).compactMap(\.place)
            } catch {
                logger.debug("\(error)")
                return nil
            }
        }
        if let all = ask(times, timeout / 2) { return all }
        let end = ContinuousClock.now + timeout / 2
        return times.flatMap { time in
            let rest = ContinuousClock.now.duration(to: end)
            return rest > .zero ? ask([time], min(.seconds(1), rest)) ?? [] : []
        }
    }

    func queryWatermarks(
        of partition: TopicPartition, timeout: Duration, while operation: String
    ) throws(KafkaError) -> Watermarks {
        var low: Int64 = 0
        var high: Int64 = 0
        let code = unsafe rd_kafka_query_watermark_offsets(
            pointer, partition.topic, partition.partition, &low, &high, timeout.forLibrdkafka)
        if let code = ErrorCode(failure: code) { throw KafkaError(code, while: operation) }
        return Watermarks(low: low, high: high)
    }

    /// How many partitions a topic has.
    func partitionCount(
        of topic: String, timeout: Duration, while operation: String
    ) throws(KafkaError) -> Int {
        let handle = try TopicHandle(topic, of: self)
        var metadata: UnsafePointer<rd_kafka_metadata>?
        let code = unsafe rd_kafka_metadata(pointer, 0, handle.pointer, &metadata, timeout.forLibrdkafka)
        if let code = ErrorCode(failure: code) { throw KafkaError(code, while: operation) }
        guard let found = unsafe metadata else { throw KafkaError(.failed, while: operation) }
        defer { unsafe rd_kafka_metadata_destroy(found) }
        guard unsafe found.pointee.topic_cnt > 0 else { throw KafkaError(.unknownTopic, while: operation) }
        let answer = unsafe found.pointee.topics[0]
        if let code = unsafe ErrorCode(failure: answer.err) { throw KafkaError(code, while: operation) }
        return unsafe Int(answer.partition_cnt)
    }

    /// The names of all topics, sorted.
    func topics(timeout: Duration, while operation: String) throws(KafkaError) -> [String] {
        var metadata: UnsafePointer<rd_kafka_metadata>?
        let code = unsafe rd_kafka_metadata(pointer, 1, nil, &metadata, timeout.forLibrdkafka)
        if let code = ErrorCode(failure: code) { throw KafkaError(code, while: operation) }
        guard let found = unsafe metadata else { throw KafkaError(.failed, while: operation) }
        defer { unsafe rd_kafka_metadata_destroy(found) }
        let count = unsafe Int(found.pointee.topic_cnt)
        return (0..<count).map { unsafe String(cString: found.pointee.topics[$0].topic) }.sorted()
    }

    /// Waits until every message has its delivery report; another thread must serve them meanwhile.
    func flush(timeout: Duration, while operation: String) throws(KafkaError) {
        if let code = ErrorCode(failure: unsafe rd_kafka_flush(pointer, timeout.forLibrdkafka)) {
            throw KafkaError(code, while: operation)
        }
    }

    /// Gives up every message that has no report yet; each gets one that says so. Threads of brokers, which may be
    /// looking up a name, are not waited for.
    func purge() {
        let flags = RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT | RD_KAFKA_PURGE_F_NON_BLOCKING
        _ = unsafe rd_kafka_purge(pointer, flags)
    }
}

extension Duration {
    /// In whole milliseconds, within what librdkafka takes and never its "for ever".
    var forLibrdkafka: Int32 { Int32(clamping: max(0, wholeMilliseconds)) }
}
