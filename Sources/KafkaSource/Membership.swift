// Decides what the connector is told of this member's connection and partitions, and which failures end the stream.
// A value: it calls nothing and waits for nothing.

package import Connector
package import Kafka

/// How far the group has come in a partition that this member holds.
package struct PartitionProgress: Equatable, Sendable {
    package let partition: TopicPartition
    /// What is committed, or where reading began if nothing is.
    package let offset: Int64
    /// The records after it, when librdkafka counted them last; `nil` before it did.
    package let lag: Int64?

    /// - Parameter end: The offset after the last record that may be read.
    package init(partition: TopicPartition, offset: Int64, end: Int64?) {
        self.partition = partition
        self.offset = offset
        lag = end.map { max(0, $0 - offset) }
    }
}

package struct Membership {
    package struct News {
        package var notices: [SourceNotice] = []
        /// Set if the stream must end: nobody but the operator can help.
        package var failure: KafkaError?
    }

    /// At most once.
    package var commits = CommitsUnderWay()
    package var window = SettlementWindow()
    package var notices: (@Sendable (SourceNotice) -> Void)?
    private var statistics: Statistics?
    /// As the group knows this member.
    package private(set) var memberID: String?
    private var held: Set<TopicPartition> = []
    /// Of partitions that are held: what is committed, or where reading began.
    private var offsets: [TopicPartition: Int64] = [:]
    /// Of partitions that librdkafka fetches nothing of for now, the ends that the brokers were asked for.
    private var ends: [TopicPartition: Int64] = [:]
    private var isConnected = false
    /// That no broker is reached, since one was.
    private var hasToldOfNone = false
    /// Whether the group ever took this member in, so that its credentials were right.
    private var wasMember = false

    private let toleratesUnreadableTopics: Bool

    /// - Parameter toleratesUnreadableTopics: Whether a topic that may not be read is told, and the others go on.
    package init(toleratesUnreadableTopics: Bool = false) {
        self.toleratesUnreadableTopics = toleratesUnreadableTopics
    }

    package mutating func take(_ event: ConsumerEvent, bootstrap: String) -> News {
        switch event {
        case .assigned(let partitions, let epoch):
            wasMember = true
            held.formUnion(partitions)
            for partition in partitions { window.assign(partition, epoch: epoch) }
            return News(notices: connected(to: bootstrap) + [rebalanced(epoch)])
        case .revoked(let partitions, _, let epoch):
            held.subtract(partitions)
            for partition in partitions {
                window.revoke(partition)
                offsets[partition] = nil
                ends[partition] = nil
            }
            return News(notices: [rebalanced(epoch)])
        case .restarted(let partition, let offset, let epoch):
            window.assign(partition, epoch: epoch)
            // What is committed is of the old log.
            offsets[partition] = offset
            ends[partition] = nil
            let place = "\(partition) goes on at offset \(offset), which was passed before"
            return News(notices: [.transientFailure("\(place): its log was cut, or made anew")])
        case .statistics(let statistics):
            self.statistics = statistics
            // What is waited for at the end is told by each fetch.
            for known in statistics.partitions where known.fetched == 0 { ends[known.partition] = nil }
            return News(
                notices: statistics.brokersUp > 0 ? connected(to: bootstrap) : disconnected("no broker is reached"))
        case .progress(let progress):
            for place in progress where held.contains(place.partition) { offsets[place.partition] = place.offset }
            return News()
        case .ends(let ends):
            for place in ends where held.contains(place.partition) { self.ends[place.partition] = place.offset }
            return News()
        case .member(let id):
            memberID = id
            return News()
        case .error(let error, _):
            return take(error)
        case .endOfPartition:
            return News()
        }
    }

    /// How far the group has come in the partitions that are held.
    package var progress: [PartitionProgress] {
        var ends = ends
        for known in statistics?.partitions ?? [] {
            guard let end = known.end, let offset = offsets[known.partition] else { continue }
            let isDone = known.isReadThrough && !window.isOpen(known.partition, committed: offset)
            ends[known.partition] = isDone ? offset : max(end, ends[known.partition] ?? end)
        }
        return offsets.sorted { $0.key < $1.key }.map { partition, offset in
            PartitionProgress(partition: partition, offset: offset, end: ends[partition])
        }
    }

    private mutating func connected(to bootstrap: String) -> [SourceNotice] {
        defer { isConnected = true }
        hasToldOfNone = false
        return isConnected ? [] : [.connected(to: bootstrap)]
    }

    /// librdkafka's notice that all brokers are down may come late or stay away, for it takes brokers that were never
    /// connected to for up (`rd_kafka_broker_set_state`). Its statistics tell in any case.
    private mutating func disconnected(_ reason: String) -> [SourceNotice] {
        defer { isConnected = false }
        return isConnected ? [.disconnected(reason: reason)] : []
    }

    private func rebalanced(_ epoch: UInt64) -> SourceNotice {
        let assigned = held.map { SourcePartition(topic: $0.topic, partition: $0.partition) }.sorted()
        return .rebalanced(assigned: assigned, epoch: Epoch(epoch))
    }

    private mutating func take(_ error: KafkaError) -> News {
        if toleratesUnreadableTopics && error.code == .topicAuthorizationFailed {
            return News(notices: [.transientFailure("\(error)")])
        }
        if error.code.isAuthorization || error.code == .autoOffsetReset || error.isFatal {
            return News(notices: [.transientFailure("\(error)")], failure: error)
        }
        // Later it may be a broker that is just being given new credentials.
        if error.code.isAuthentication && !wasMember { return News(failure: error) }
        if error.code == .allBrokersDown {
            // librdkafka says so with each attempt; why is told by its other errors.
            defer { hasToldOfNone = true }
            if isConnected { return News(notices: disconnected(error.reason)) }
            if hasToldOfNone { return News() }
        }
        return News(notices: [.transientFailure("\(error)")])
    }

    // MARK: The way of events

    /// Events of one partition mostly follow one another: each run of them is handed out at once. Answers where the
    /// partitions begin of which nothing was handed out before.
    @discardableResult
    package mutating func handOut(_ events: [Event]) -> [TopicPartitionOffset] {
        var starts: [TopicPartitionOffset] = []
        var rest = events[...]
        while let first = rest.first {
            let run = rest.prefix { $0.partition == first.partition && $0.epoch == first.epoch }
            let isFirst = window.handOut(
                first.topicPartition, epoch: first.epoch.number, offsets: run.lazy.map(\.id.offset))
            if isFirst { starts.append(TopicPartitionOffset(first.topicPartition, first.id.offset)) }
            rest = rest.dropFirst(run.count)
        }
        return starts
    }

    /// What may be committed after these settlements, and what is to be told of those that were ignored.
    package mutating func settle(
        _ settlements: [Settlement]
    ) -> (offsets: [TopicPartitionOffset], ignored: [SourceNotice]) {
        var touched: Set<TopicPartition> = []
        var notices: [SourceNotice] = []
        for settlement in settlements {
            let partition = TopicPartition(settlement.id.topic, settlement.id.partition)
            if case .retry = settlement.verdict {
                notices.append(.settlementIgnored(settlement.id, reason: "kafka cannot deliver one event again"))
                continue
            }
            switch window.settle(partition, epoch: settlement.epoch.number, offset: settlement.id.offset) {
            case .settled: touched.insert(partition)
            case .stale: notices.append(.settlementIgnored(settlement.id, reason: "stale epoch"))
            case .repeated: notices.append(.settlementIgnored(settlement.id, reason: "settled before"))
            }
        }
        return (window.takeOffsets(of: touched.sorted()), notices)
    }
}
