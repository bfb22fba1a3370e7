internal import Crdkafka

extension Client {
    /// Creates a topic and waits until the brokers say that it is there. Blocks its thread: see `Thread.blocking`.
    ///
    /// - Parameter replicationFactor: `nil` leaves it to the brokers.
    func createTopic(
        _ name: String, partitions: Int32, replicationFactor: Int32?, timeout: Duration, while operation: String
    ) throws(KafkaError) {
        var text = [CChar](repeating: 0, count: 512)
        guard let topic = unsafe rd_kafka_NewTopic_new(name, partitions, replicationFactor ?? -1, &text, text.count)
        else { throw KafkaError(.invalidArgument, while: operation, reason: String(nullTerminated: text)) }
        defer { unsafe rd_kafka_NewTopic_destroy(topic) }
        let options = unsafe rd_kafka_AdminOptions_new(pointer, RD_KAFKA_ADMIN_OP_CREATETOPICS)
        defer { unsafe rd_kafka_AdminOptions_destroy(options) }
        unsafe rd_kafka_AdminOptions_set_request_timeout(options, timeout.forLibrdkafka, &text, text.count)
        unsafe rd_kafka_AdminOptions_set_operation_timeout(options, timeout.forLibrdkafka, &text, text.count)
        let queue = Queue.new(in: self)
        var topics: [OpaquePointer?] = unsafe [topic]
        unsafe rd_kafka_CreateTopics(pointer, &topics, topics.count, options, queue.pointer)
        // librdkafka answers by itself once the request's own time is up.
        guard let event = unsafe rd_kafka_queue_poll(queue.pointer, (timeout + .seconds(5)).forLibrdkafka) else {
            throw KafkaError(.timedOut, while: operation)
        }
        defer { unsafe rd_kafka_event_destroy(event) }
        if let code = ErrorCode(failure: unsafe rd_kafka_event_error(event)) {
            let reason = unsafe rd_kafka_event_error_string(event).map { unsafe String(cString: $0) }
            throw KafkaError(code, while: operation, reason: reason)
        }
        var count = 0
        guard let result = unsafe rd_kafka_event_CreateTopics_result(event),
            let answers = unsafe rd_kafka_CreateTopics_result_topics(result, &count), count > 0
        else { throw KafkaError(.failed, while: operation) }
        let answer = unsafe answers[0]
        guard let code = ErrorCode(failure: unsafe rd_kafka_topic_result_error(answer)) else { return }
        let reason = unsafe rd_kafka_topic_result_error_string(answer).map { unsafe String(cString: $0) }
        throw KafkaError(code, while: operation, reason: reason)
    }
}
