import Crdkafka
import Kafka
import Synchronization
import Testing

/// librdkafka's own imitation of a cluster, on ports of this machine. It speaks the real protocol.
///
/// Unchecked `Sendable`, because any thread may call librdkafka's mock at any time.
@safe final class MockCluster: @unchecked Sendable {
    private let host: OpaquePointer
    private let cluster: OpaquePointer
    let bootstrap: [String]
    private let isStopped = Atomic(false)

    init(brokers: Int32 = 1) throws {
        let configuration = unsafe rd_kafka_conf_new()
        unsafe rd_kafka_conf_set(configuration, "log_level", "2", nil, 0)
        var text = [CChar](repeating: 0, count: 512)
        unsafe host = try #require(rd_kafka_new(RD_KAFKA_PRODUCER, configuration, &text, text.count))
        unsafe cluster = try #require(rd_kafka_mock_cluster_new(host, brokers))
        unsafe bootstrap = String(cString: rd_kafka_mock_cluster_bootstraps(cluster)).split(separator: ",")
            .map(String.init)
    }

    deinit {
        stop()
        unsafe rd_kafka_destroy(host)
    }

    func createTopic(_ name: String, partitions: Int32 = 1) {
        _ = unsafe rd_kafka_mock_topic_create(cluster, name, partitions, 1)
    }

    enum Request: Int16 {
        case produce = 0
        case fetch = 1
        case offsetCommit = 8
        case joinGroup = 11
    }

    /// Answers the next requests of a kind with these errors, one each.
    func fail(_ request: Request, with codes: [ErrorCode]) {
        let codes = codes.map { rd_kafka_resp_err_t(rawValue: $0.rawValue) }
        unsafe rd_kafka_mock_push_request_errors_array(cluster, request.rawValue, codes.count, codes)
    }

    /// For good, and all brokers: one that is only set down binds its port again at once, and if that is another's by
    /// then, librdkafka ends the process (2.0.2, `rd_kafka_mock_broker_cmd`).
    func stop() {
        guard !isStopped.exchange(true, ordering: .acquiringAndReleasing) else { return }
        unsafe rd_kafka_mock_cluster_destroy(cluster)
    }

    /// How long each reply takes.
    func setRoundTrip(_ milliseconds: Int32, broker: Int32 = 1) {
        _ = unsafe rd_kafka_mock_broker_set_rtt(cluster, broker, milliseconds)
    }
}
