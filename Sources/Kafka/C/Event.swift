internal import Crdkafka

/// Owns an event of librdkafka's main queue.
@safe struct Event: ~Copyable {
    enum Content {
        case error(KafkaError)
        /// `level` is syslog's: 0 emergency to 7 debug.
        case log(level: Int, facility: String, text: String)
        /// JSON, see librdkafka's STATISTICS.md.
        case statistics(String)
        case committed(id: Int, error: ErrorCode?, [PartitionResult])
        /// Read them with `deliveries(into:)`.
        case deliveries
        /// librdkafka wants a token for OAUTHBEARER.
        case tokenRefresh
        case other(String)
    }

    private let pointer: OpaquePointer

    init(owning pointer: OpaquePointer) { unsafe self.pointer = pointer }

    deinit { unsafe rd_kafka_event_destroy(pointer) }

    consuming func free() {}

    var content: Content {
        switch unsafe rd_kafka_event_type(pointer) {
        case RD_KAFKA_EVENT_DR: .deliveries
        case RD_KAFKA_EVENT_OFFSET_COMMIT: committed
        case RD_KAFKA_EVENT_OAUTHBEARER_TOKEN_REFRESH: .tokenRefresh
        case RD_KAFKA_EVENT_ERROR: .error(error)
        case RD_KAFKA_EVENT_LOG: log
        case RD_KAFKA_EVENT_STATS:
            .statistics(unsafe rd_kafka_event_stats(pointer).map { unsafe String(cString: $0) } ?? "")
        default: .other(unsafe rd_kafka_event_name(pointer).map { unsafe String(cString: $0) } ?? "")
        }
    }

    private var error: KafkaError {
        let text = unsafe rd_kafka_event_error_string(pointer).map { unsafe String(cString: $0) }
        return KafkaError(
            ErrorCode(unsafe rd_kafka_event_error(pointer)), while: "running the client", reason: text,
            isFatal: unsafe rd_kafka_event_error_is_fatal(pointer) != 0)
    }

    private var log: Content {
        var facility: UnsafePointer<CChar>?
        var text: UnsafePointer<CChar>?
        var level: Int32 = 0
        _ = unsafe rd_kafka_event_log(pointer, &facility, &text, &level)
        return .log(
            level: Int(level), facility: unsafe facility.map { unsafe String(cString: $0) } ?? "",
            text: unsafe text.map { unsafe String(cString: $0) } ?? "")
    }

    private var committed: Content {
        let list = unsafe rd_kafka_event_topic_partition_list(pointer)
        return .committed(
            id: Int(bitPattern: unsafe rd_kafka_event_opaque(pointer)),
            error: ErrorCode(failure: unsafe rd_kafka_event_error(pointer)),
            unsafe list.map { unsafe PartitionList.results(in: $0) } ?? [])
    }

    /// Appends the delivery reports of this event; those of `Producer.send` go to who waits for them.
    func deliveries(into reports: inout [DeliveryReport]) {
        var last: (token: UInt, latency: Int64)?
        while let message = unsafe rd_kafka_event_message_next(pointer) {
            let opaque = unsafe MessageOpaque(givenBack: message.pointee._private)
            let token = opaque.token
            let latency: Int64
            // librdkafka looks at the clock for each answer.
            if let last, last.token == token {
                latency = last.latency
            } else {
                latency = unsafe max(0, rd_kafka_message_latency(message))
                last = (token, latency)
            }
            let report = unsafe DeliveryReport(
                token: token, partition: message.pointee.partition, offset: message.pointee.offset,
                error: ErrorCode(failure: message.pointee.err), latencyMicroseconds: latency)
            if let pending = opaque.takePending() {
                pending.finish(.reported(report))
            } else {
                reports.append(report)
            }
        }
    }
}
