internal import Logging
internal import Synchronization

/// Where partitions end that librdkafka has messages enough of: it fetches no more, and learns of no new end until
/// someone takes those. A thread of its own asks the brokers, and the consumer's tells what it learned.
final class EndLookup: Sendable {
    private static let timeout = Duration.seconds(10)

    private let isUnderWay = Atomic(false)

    /// One question at a time: where brokers answer late, the next statistics ask again.
    func begin(of full: [TopicPartition], for setup: ConsumerLoop.Setup, through client: Client) {
        guard !full.isEmpty, !isUnderWay.exchange(true, ordering: .acquiringAndReleasing) else { return }
        client.ask("kafka-ends") { client in
            Self.ends(of: full, for: setup, through: client)
        } end: { ends in
            self.isUnderWay.store(false, ordering: .releasing)
            guard !ends.isEmpty else { return }
            setup.mailbox.post(ConsumerCommand(run: { _ in setup.onEvent(.ends(ends)) }, abandon: {}))
        }
    }

    private static func ends(
        of partitions: [TopicPartition], for setup: ConsumerLoop.Setup, through client: Client
    ) -> [TopicPartitionOffset] {
        let times = partitions.map { TopicPartitionOffset($0, TopicPartitionOffset.end) }
        let operation = "asking where partitions end for group \(setup.group)"
        return client.knownOffsets(atTimes: times, timeout: timeout, while: operation, logger: setup.logger)
    }
}
