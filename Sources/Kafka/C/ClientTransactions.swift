internal import Crdkafka

// Transactions of a producer with a `transactional.id`. Each call but `beginTransaction` blocks its thread until the
// coordinator's answer or the timeout: see `Thread.blocking`. Delivery reports must be served meanwhile.
extension Client {
    func initTransactions(timeout: Duration, while operation: String) throws(KafkaError) {
        try unsafe check(rd_kafka_init_transactions(pointer, timeout.forLibrdkafka), operation)
    }

    func beginTransaction(while operation: String) throws(KafkaError) {
        try unsafe check(rd_kafka_begin_transaction(pointer), operation)
    }

    func commitTransaction(timeout: Duration, while operation: String) throws(KafkaError) {
        try unsafe check(rd_kafka_commit_transaction(pointer, timeout.forLibrdkafka), operation)
    }

    func abortTransaction(timeout: Duration, while operation: String) throws(KafkaError) {
        try unsafe check(rd_kafka_abort_transaction(pointer, timeout.forLibrdkafka), operation)
    }

    private func check(_ error: OpaquePointer?, _ operation: String) throws(KafkaError) {
        if let error = unsafe error { throw unsafe KafkaError(consuming: error, while: operation) }
    }
}
