import Kafka
import Synchronization

/// What the consumer of a dry run tells from its thread.
final class DryRunEvents: Sendable {
    private struct State {
        var ends: [TopicPartition: Int64] = [:]
        var failures: [(partition: TopicPartition?, error: KafkaError)] = []
        /// What last kept a broker from being reached, or from letting this client in.
        var lastReason: String?
    }

    private let state = Mutex(State())

    func take(_ event: ConsumerEvent) {
        state.withLock { state in
            switch event {
            case .endOfPartition(let partition, let offset): state.ends[partition] = offset
            case .error(let error, let partition) where error.code.isAuthorization || error.isFatal:
                state.failures.append((partition, error))
            case .error(let error, _):
                if error.code != .allBrokersDown { state.lastReason = error.reason }
            case .assigned, .progress, .ends, .member, .revoked, .restarted, .statistics: break
            }
        }
    }

    /// Whether everything before `offset` has been read.
    func hasEnded(_ partition: TopicPartition, at offset: Int64) -> Bool {
        state.withLock { $0.ends[partition].map { $0 >= offset } ?? false }
    }

    /// With what librdkafka told last, if it is about an answer that did not come: it tells why apart from that.
    func explained(_ error: KafkaError) -> KafkaError {
        guard error.code == .transport || error.code == .timedOut, let reason = state.withLock({ $0.lastReason })
        else { return error }
        return KafkaError(error.code, while: error.operation, reason: "\(error.reason); the last failure: \(reason)")
    }

    /// - Throws: What keeps the topic from being read. What concerns another is not told again.
    func check(_ topic: String) throws {
        let failures = state.withLock { state in
            defer { state.failures.removeAll { $0.partition != nil } }
            return state.failures
        }
        let failure = failures.first { $0.partition == nil || $0.partition?.topic == topic }
        if let failure { throw failure.error }
    }
}
