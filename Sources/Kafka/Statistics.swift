#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// What librdkafka counts, as far as someone here looks at it. Names and meaning: librdkafka's STATISTICS.md.
package struct Statistics: Sendable, Equatable {
    package struct Broker: Sendable, Equatable {
        /// `host:port/id`, or the configured address before the id is known.
        package let name: String
        /// `UP`, `DOWN`, `CONNECT`, …
        package let state: String
        package let disconnects: Int
        /// Mean time from request to reply in the last interval; `nil` if there was none.
        package let roundTripMicroseconds: Int?
        /// `REAUTH`: it answers, and asks for the credentials again.
        package var isUp: Bool { state == "UP" || state == "REAUTH" }
    }

    package struct Partition: Sendable, Equatable {
        package let partition: TopicPartition
        /// Messages fetched and not yet handed out.
        package fileprivate(set) var fetched: Int
        /// What is fetched next; `nil` if nothing was yet. Marks of transactions count as fetched.
        package let nextFetch: Int64?
        /// What the application took last, plus one; `nil` if nothing.
        package let position: Int64?
        package let committedOffset: Int64?
        package let lowWatermark: Int64?
        package let highWatermark: Int64?
        /// Up to which transactions have ended.
        package let lastStableOffset: Int64?
        /// From the committed offset to the end; `nil` where either is unknown.
        package let lag: Int64?
        /// The offset after the last message that a consumer may read (transactions that are open hide what follows).
        package var end: Int64? { lastStableOffset ?? highWatermark }

        /// Whether all that may be read was handed out. What then follows the last message no application ever gets:
        /// the marks of transactions, and what was aborted with them.
        package var isReadThrough: Bool {
            guard fetched == 0, let nextFetch, let end else { return false }
            return nextFetch >= end
        }
    }

    package struct Group: Sendable, Equatable {
        package let state: String
        package let joinState: String
        package let rebalanceCount: Int
        package let rebalanceReason: String
        package let assignmentCount: Int
    }

    package let clientName: String
    /// Messages that wait for their delivery report.
    package let unreportedMessages: Int
    package let bytesSent: Int
    package let bytesReceived: Int
    /// By name.
    package let brokers: [Broker]
    /// By topic and partition.
    package private(set) var partitions: [Partition]
    /// Only of a consumer.
    package let group: Group?

    package var brokersUp: Int { brokers.count(where: \.isUp) }

    /// Counts messages that librdkafka gave, and that were not handed out yet.
    mutating func add(ready: [TopicPartition: Int]) {
        for index in partitions.indices { partitions[index].fetched += ready[partitions[index].partition] ?? 0 }
    }
}

extension Statistics {
    package init(json: String) throws {
        let raw = try JSONDecoder().decode(Raw.self, from: Data(json.utf8))
        clientName = raw.name
        unreportedMessages = raw.msg_cnt
        bytesSent = raw.tx_bytes
        bytesReceived = raw.rx_bytes
        brokers = raw.brokers.values.map(Broker.init).sorted { $0.name < $1.name }
        partitions = raw.topics.values.flatMap { topic in
            topic.partitions.values.compactMap { Partition($0, of: topic.topic) }
        }
        .sorted { $0.partition < $1.partition }
        group = raw.cgrp.map(Group.init)
    }
}

// MARK: As librdkafka writes them

private struct Raw: Decodable {
    struct Broker: Decodable {
        struct Window: Decodable {
            let avg: Int
            let cnt: Int
        }

        let name: String
        let state: String
        let disconnects: Int?
        let rtt: Window?
    }

    struct Topic: Decodable {
        let topic: String
        let partitions: [String: Partition]
    }

    struct Partition: Decodable {
        let partition: Int32
        let fetchq_cnt: Int
        let next_offset: Int64
        let app_offset: Int64
        let committed_offset: Int64
        let lo_offset: Int64
        let hi_offset: Int64
        let ls_offset: Int64?
        let consumer_lag: Int64
    }

    struct Group: Decodable {
        let state: String
        let join_state: String
        let rebalance_cnt: Int
        let rebalance_reason: String
        let assignment_size: Int
    }

    let name: String
    let msg_cnt: Int
    let tx_bytes: Int
    let rx_bytes: Int
    let brokers: [String: Broker]
    let topics: [String: Topic]
    let cgrp: Group?
}

extension Statistics.Broker {
    fileprivate init(_ raw: Raw.Broker) {
        name = raw.name
        state = raw.state
        disconnects = raw.disconnects ?? 0
        roundTripMicroseconds = raw.rtt.flatMap { $0.cnt > 0 ? $0.avg : nil }
    }
}

extension Statistics.Partition {
    /// `nil` for librdkafka's internal partition of messages that have none yet.
    fileprivate init?(_ raw: Raw.Partition, of topic: String) {
        guard raw.partition >= 0 else { return nil }
        partition = TopicPartition(topic, raw.partition)
        fetched = raw.fetchq_cnt
        nextFetch = raw.next_offset.known
        position = raw.app_offset.known
        committedOffset = raw.committed_offset.known
        lowWatermark = raw.lo_offset.known
        highWatermark = raw.hi_offset.known
        lastStableOffset = raw.ls_offset?.known
        lag = raw.consumer_lag.known
    }
}

extension Statistics.Group {
    fileprivate init(_ raw: Raw.Group) {
        state = raw.state
        joinState = raw.join_state
        rebalanceCount = raw.rebalance_cnt
        rebalanceReason = raw.rebalance_reason
        assignmentCount = raw.assignment_size
    }
}

extension Int64 {
    /// librdkafka writes negative numbers for what it does not know.
    fileprivate var known: Int64? { self >= 0 ? self : nil }
}
