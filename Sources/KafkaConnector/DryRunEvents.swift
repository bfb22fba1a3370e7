import Kafka
import Synchronization

/// What the consumer of a dry run tells from its thread.
final class DryRunEvents: Sendable {
    private let state = Mutex((ends: [TopicPartition: Int64](), failure: KafkaError?.none))

    func take(_ event: ConsumerEvent) {
        state.withLock { state in
            switch event {
            case .endOfPartition(let partition, let offset): state.ends[partition] = offset
            case .error(let error, _) where error.code.isAuthorization || error.isFatal: state.failure = error
            case .assigned, .progress, .ends, .member, .revoked, .error, .statistics: break
            }
        }
    }

    /// Whether everything before `offset` has been read.
    func hasEnded(_ partition: TopicPartition, at offset: Int64) -> Bool {
        state.withLock { $0.ends[partition].map { $0 >= offset } ?? false }
    }

    func check() throws {
        if let failure = state.withLock({ $0.failure }) { throw failure }
    }
}
