internal import KafkaProtocol
internal import OrderedCollections

// DescribeTransactions (key 65): what transactional ids are doing, asked of their coordinator.

extension Cluster {
    mutating func describeTransactions(
        _ request: DescribeTransactionsRequest, _ context: RequestContext, effects: inout Effects
    ) {
        var response = DescribeTransactionsResponse()
        response.transactionStates = request.transactionalIDs.map { describe($0, context) }
        let error = response.transactionStates.lazy.map(\.errorCode).first { $0 != .none }
        reply(to: context, .describeTransactions(response), error: error ?? .none, effects: &effects)
    }

    private func describe(
        _ id: String, _ context: RequestContext
    ) -> DescribeTransactionsResponse.TransactionState {
        var answer = DescribeTransactionsResponse.TransactionState()
        answer.transactionalID = id
        guard authorize(.describe, .transactionalID(id), context) else {
            answer.errorCode = .transactionalIDAuthorizationFailed
            return answer
        }
        answer.errorCode = transactionCoordinatorError(id, broker: context.broker)
        guard answer.errorCode == .none else { return answer }
        guard let transaction = transactions[id] else {
            answer.errorCode = .transactionalIDNotFound
            return answer
        }
        answer.transactionState = transaction.state.rawValue
        answer.transactionTimeoutMs = Int32(transaction.timeout / .milliseconds(1))
        answer.transactionStartTimeMs = transaction.started?.wallMilliseconds ?? -1
        answer.producerID = transaction.producer.id
        answer.producerEpoch = transaction.producer.epoch
        var partitions: OrderedDictionary<String, [Int32]> = [:]
        for partition in transaction.partitions
        where authorize(.describe, .topic(partition.topic), context) {
            partitions[partition.topic, default: []].append(partition.partition)
        }
        for group in transaction.groups where authorize(.describe, .topic(GroupOffsetsTopic.name), context) {
            let index = GroupOffsetsTopic.partition(of: group)
            if partitions[GroupOffsetsTopic.name]?.contains(index) != true {
                partitions[GroupOffsetsTopic.name, default: []].append(index)
            }
        }
        answer.topics = partitions.map { name, indices in
            var topic = DescribeTransactionsResponse.TopicData()
            topic.topic = name
            topic.partitions = indices
            return topic
        }
        return answer
    }
}

extension DescribeTransactionsResponse {
    init(refusing request: DescribeTransactionsRequest, with error: ErrorCode) {
        self.init()
        transactionStates = request.transactionalIDs.map { id in
            var state = TransactionState()
            state.transactionalID = id
            state.errorCode = error
            return state
        }
    }
}
