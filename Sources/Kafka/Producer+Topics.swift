extension Producer {
    /// Creates a topic, asked of the brokers.
    ///
    /// - Parameter replicationFactor: `nil` leaves it to the brokers.
    /// - Throws: `TOPIC_ALREADY_EXISTS`, or whatever else the brokers say.
    package func createTopic(
        _ name: String, partitions: Int, replicationFactor: Int? = nil, timeout: Duration
    ) async throws(KafkaError) {
        try await blocking("creating topic \(name)") { client, operation throws(KafkaError) in
            try client.createTopic(
                name, partitions: Int32(clamping: partitions),
                replicationFactor: replicationFactor.map { Int32(clamping: $0) }, timeout: timeout, while: operation)
        }
    }
}
