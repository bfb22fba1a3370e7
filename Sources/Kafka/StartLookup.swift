internal import Logging
internal import Synchronization
internal import Threads

/// Where to begin to read the partitions of a new assignment: what the group has committed, or where
/// `auto.offset.reset` says. A thread of its own asks the brokers.
///
/// librdkafka would find out by itself. But when a partition goes to another member and comes back while librdkafka
/// waits for its first or last offset, it takes the late answer for a failure, asks again half a second later, and goes
/// on there whatever the group has committed: what was handled comes again, or what was not is skipped (2.0.2 to 2.16,
/// `rd_kafka_toppar_handle_Offset`). It does not ask for what it is told.
final class StartLookup: Sendable {
    /// Where nobody answers, librdkafka is left to find out.
    private static let timeout = Duration.seconds(10)

    struct Starts {
        let all: [TopicPartitionOffset]
        /// Those that the group has committed nothing of.
        let new: [TopicPartitionOffset]
    }

    private let found = Mutex<Starts?>(nil)

    /// - Parameters:
    ///   - offsets: As the group assigned them, without places.
    ///   - reset: Where partitions begin that the group has committed nothing of; `nil` leaves them to librdkafka.
    init(_ offsets: [TopicPartitionOffset], reset: Int64?, for setup: ConsumerLoop.Setup, through client: Client) {
        client.ask("kafka-starts") { client in
            Self.starts(of: offsets, reset: reset, for: setup, through: client)
        } end: { starts in
            self.found.withLock { $0 = starts }
            setup.wake.signal()
        }
    }

    /// `nil` until the brokers have answered.
    var starts: Starts? { found.withLock { $0 } }

    private static func starts(
        of offsets: [TopicPartitionOffset], reset: Int64?, for setup: ConsumerLoop.Setup, through client: Client
    ) -> Starts {
        let operation = "asking where partitions begin for group \(setup.group)"
        var places: [TopicPartition: Int64] = [:]
        var begun: [TopicPartitionOffset] = []
        do throws(KafkaError) {
            let partitions = offsets.map(\.partition)
            let committed = try client.committed(partitions, timeout: timeout, while: operation)
            for result in committed { places[result.partition] = result.offset }
            let new = committed.filter { $0.offset == nil && $0.error == nil }.map(\.partition)
            if let reset, !new.isEmpty {
                let times = new.map { TopicPartitionOffset($0, reset) }
                begun = client.knownOffsets(atTimes: times, timeout: timeout, while: operation, logger: setup.logger)
                for place in begun { places[place.partition] = place.offset }
            }
        } catch {
            setup.logger.debug("\(error)")
        }
        let all = offsets.map { TopicPartitionOffset($0.partition, places[$0.partition] ?? $0.offset) }
        return Starts(all: all, new: begun)
    }
}
