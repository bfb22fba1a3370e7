// Transactions: only of a producer whose configuration has a `transactional.id`. One at a time, begun and ended by
// whoever produces: a message belongs to the transaction that is open when it is produced.
extension Producer {
    /// Takes over the transactional id, once and before the first transaction; an earlier producer of it is fenced.
    package func initTransactions(timeout: Duration) async throws(KafkaError) {
        try await blocking("taking over the transactional id") { client, operation throws(KafkaError) in
            try client.initTransactions(timeout: timeout, while: operation)
        }
    }

    package func beginTransaction() throws(KafkaError) {
        let operation = "beginning a transaction"
        try living(while: operation).beginTransaction(while: operation)
    }

    /// Waits for every message of the transaction to be delivered, then commits it.
    /// - Throws: Unless the error is fatal or retriable, the transaction must be aborted.
    package func commitTransaction(timeout: Duration) async throws(KafkaError) {
        try await blocking("committing a transaction") { client, operation throws(KafkaError) in
            try client.commitTransaction(timeout: timeout, while: operation)
        }
    }

    /// What is not delivered yet is reported as purged.
    package func abortTransaction(timeout: Duration) async throws(KafkaError) {
        try await blocking("aborting a transaction") { client, operation throws(KafkaError) in
            try client.abortTransaction(timeout: timeout, while: operation)
        }
    }
}
