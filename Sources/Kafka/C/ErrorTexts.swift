internal import Crdkafka

extension ErrorCode {
    init(_ code: rd_kafka_resp_err_t) { self.init(rawValue: Int32(code.rawValue)) }

    /// Absent where librdkafka says that nothing went wrong.
    init?(failure code: rd_kafka_resp_err_t) {
        guard code.rawValue != 0 else { return nil }
        self.init(code)
    }

    private var cValue: rd_kafka_resp_err_t { rd_kafka_resp_err_t(rawValue: rawValue) }

    /// librdkafka's name: Kafka's own in capitals (`UNKNOWN_MEMBER_ID`), a leading underscore for those of the client.
    package var name: String { unsafe String(cString: rd_kafka_err2name(cValue)) }

    /// librdkafka's sentence on it.
    package var text: String { unsafe String(cString: rd_kafka_err2str(cValue)) }
}

extension KafkaError {
    /// Takes over an error object of librdkafka and frees it.
    init(consuming error: OpaquePointer, while operation: String) {
        self.init(
            ErrorCode(unsafe rd_kafka_error_code(error)), while: operation,
            reason: unsafe String(cString: rd_kafka_error_string(error)),
            isFatal: unsafe rd_kafka_error_is_fatal(error) != 0,
            isRetriable: unsafe rd_kafka_error_is_retriable(error) != 0)
        unsafe rd_kafka_error_destroy(error)
    }
}
