// What faults of brokers are in FakeBroker's own words.

import FakeBroker

typealias BrokerRule = FaultRule

extension SystemFault {
    func broker(of plan: SystemPlan) -> Int32 { Int32(abs(target) % plan.brokers) + 1 }

    func brokerRule(of plan: SystemPlan) -> BrokerRule {
        let amount = max(1, self.amount)
        switch kind {
        case .slowBroker:
            return FaultRule(brokers: [Int(broker(of: plan))], delay: .milliseconds(amount))
        case .coordinatorErrors:
            let error: KafkaError = amount % 2 == 0 ? .notCoordinator : .coordinatorNotAvailable
            return FaultRule(
                .fail(error), apis: ["JoinGroup", "SyncGroup", "Heartbeat", "OffsetCommit", "OffsetFetch"],
                count: amount)
        case .lostCommitReplies: return FaultRule(.lie(.lostAcknowledgement), apis: ["OffsetCommit"], count: amount)
        case .commitsTimeOut: return FaultRule(.failAfterwards(.requestTimedOut), apis: ["OffsetCommit"], count: amount)
        case .lostProduceReplies: return FaultRule(.lie(.lostAcknowledgement), apis: ["Produce"], count: amount)
        case .emptyFetches: return FaultRule(.lie(.emptyFetch), apis: ["Fetch"])
        case .spoiledBatches: return FaultRule(.badCRC, apis: ["Fetch"])
        default: return FaultRule(delay: .zero)
        }
    }
}
