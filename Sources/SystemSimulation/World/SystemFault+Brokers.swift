// What faults of brokers are in FakeBroker's own words, here and on real sockets.

package import FakeBroker

package typealias BrokerRule = FaultRule

extension SystemFault {
    /// A node id.
    package func broker(of count: Int) -> Int32 { Int32(abs(target) % max(1, count)) + 1 }

    /// Nil for what is no rule of a broker's.
    package func brokerRule(of brokers: Int) -> BrokerRule? {
        let amount = max(1, self.amount)
        switch kind {
        case .slowBroker:
            return BrokerRule(brokers: [Int(broker(of: brokers))], delay: .milliseconds(amount))
        case .coordinatorErrors:
            let error: KafkaError = amount % 2 == 0 ? .notCoordinator : .coordinatorNotAvailable
            return BrokerRule(
                .fail(error), apis: ["JoinGroup", "SyncGroup", "Heartbeat", "OffsetCommit", "OffsetFetch"],
                count: amount)
        case .lostCommitReplies: return BrokerRule(.lie(.lostAcknowledgement), apis: ["OffsetCommit"], count: amount)
        case .commitsTimeOut:
            return BrokerRule(.failAfterwards(.requestTimedOut), apis: ["OffsetCommit"], count: amount)
        case .lostProduceReplies: return BrokerRule(.lie(.lostAcknowledgement), apis: ["Produce"], count: amount)
        case .emptyFetches: return BrokerRule(.lie(.emptyFetch), apis: ["Fetch"])
        case .spoiledBatches: return BrokerRule(.badCRC, apis: ["Fetch"])
        default: return nil
        }
    }
}
