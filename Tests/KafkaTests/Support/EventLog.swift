import Kafka
import Synchronization

/// Keeps what a consumer told.
final class EventLog: Sendable {
    private let events = Mutex<[ConsumerEvent]>([])

    var handler: @Sendable (ConsumerEvent) -> Void {
        { event in self.events.withLock { $0.append(event) } }
    }

    var all: [ConsumerEvent] { events.withLock { $0 } }

    /// What is held after all assignments and revocations so far.
    var held: [TopicPartition] {
        var held: Set<TopicPartition> = []
        for event in all {
            switch event {
            case .assigned(let partitions, _): held.formUnion(partitions)
            case .revoked(let partitions, _, _): held.subtract(partitions)
            default: break
            }
        }
        return held.sorted()
    }

    /// Under which a partition is held.
    func epoch(of partition: TopicPartition) -> UInt64? {
        for event in all.reversed() {
            switch event {
            case .assigned(let partitions, let epoch) where partitions.contains(partition): return epoch
            case .revoked(let partitions, _, _) where partitions.contains(partition): return nil
            default: break
            }
        }
        return nil
    }

    var errors: [KafkaError] {
        all.compactMap { event in
            if case .error(let error, _) = event { error } else { nil }
        }
    }

    var statistics: [Statistics] {
        all.compactMap { event in
            if case .statistics(let statistics) = event { statistics } else { nil }
        }
    }

    var revocations: [(partitions: [TopicPartition], isLost: Bool)] {
        all.compactMap { event in
            if case .revoked(let partitions, let isLost, _) = event { (partitions, isLost) } else { nil }
        }
    }
}
