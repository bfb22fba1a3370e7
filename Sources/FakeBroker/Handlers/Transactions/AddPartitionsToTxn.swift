internal import KafkaProtocol

// AddPartitionsToTxn (key 24): partitions become part of a transaction, all that are named or none.
//
// To version 3 a client asks for its own; from version 4 a broker for many, or only whether they are part already.

extension Cluster {
    mutating func addPartitionsToTxn(
        _ request: AddPartitionsToTxnRequest, _ context: RequestContext, effects: inout Effects
    ) {
        var response = AddPartitionsToTxnResponse()
        response.resultsByTransaction = request.transactions.map { asked in
            var result = AddPartitionsToTxnResponse.AddPartitionsToTxnResult()
            result.transactionalID = asked.transactionalID
            result.topicResults = add(asked, context)
            return result
        }
        if request.transactions.isEmpty {
            var asked = AddPartitionsToTxnRequest.AddPartitionsToTxnTransaction()
            asked.transactionalID = request.v3AndBelowTransactionalID
            asked.producerID = request.v3AndBelowProducerID
            asked.producerEpoch = request.v3AndBelowProducerEpoch
            asked.topics = request.v3AndBelowTopics
            response.resultsByTopicV3AndBelow = add(asked, context)
        }
        let results = response.resultsByTransaction.flatMap(\.topicResults) + response.resultsByTopicV3AndBelow
        let error = results.lazy.flatMap(\.resultsByPartition).map(\.partitionErrorCode).first { $0 != .none }
        reply(to: context, .addPartitionsToTxn(response), error: error ?? .none, effects: &effects)
    }

    private mutating func add(
        _ asked: AddPartitionsToTxnRequest.AddPartitionsToTxnTransaction, _ context: RequestContext
    ) -> [AddPartitionsToTxnResponse.AddPartitionsToTxnTopicResult] {
        let coordinator = transactionCoordinatorError(asked.transactionalID, broker: context.broker)
        guard coordinator == .none else { return results(asked) { _ in coordinator } }
        let producer = ProducerIdentity(id: asked.producerID, epoch: asked.producerEpoch)
        let id = asked.transactionalID
        if asked.verifyOnly {
            return results(asked) { transactions[id]?.verify($0, by: producer) ?? .invalidProducerIDMapping }
        }
        // A broker asks for what it has found to be allowed.
        let isClient = context.apiVersion < 4
        func problem(_ partition: TopicPartition) -> ErrorCode? {
            if isClient, let refusal = authorizationError(.write, topic: partition.topic, context) { return refusal }
            let isKnown = topics[partition.topic]?.position(of: partition.partition) != nil
            return isKnown ? nil : .unknownTopicOrPartition
        }
        let partitions = asked.topics.flatMap { topic in
            topic.partitions.map { TopicPartition(topic: topic.name, partition: $0) }
        }
        if partitions.contains(where: { problem($0) != nil }) {
            return results(asked) { problem($0) ?? .operationNotAttempted }
        }
        let error = addToTransaction(
            id, partitions: partitions, groups: [], by: producer,
            bumpsEpoch: !isClient && settings.transactionVersion >= 2)
        return results(asked) { _ in error == .producerFenced ? context.fencedError : error }
    }

    /// What is added opens the transaction if it is not open.
    mutating func addToTransaction(
        _ id: String, partitions: [TopicPartition], groups: [String], by producer: ProducerIdentity, bumpsEpoch: Bool
    ) -> ErrorCode {
        let error = transactions[id]?.add(
            partitions: partitions, groups: groups, by: producer, bumpsEpoch: bumpsEpoch, now: now)
        setTransactionTimer(id)
        return error ?? .invalidProducerIDMapping
    }

    private func results(
        _ asked: AddPartitionsToTxnRequest.AddPartitionsToTxnTransaction, _ error: (TopicPartition) -> ErrorCode
    ) -> [AddPartitionsToTxnResponse.AddPartitionsToTxnTopicResult] {
        asked.topics.map { topic in
            .init(topic) { error(TopicPartition(topic: topic.name, partition: $0)) }
        }
    }
}

extension AddPartitionsToTxnResponse.AddPartitionsToTxnTopicResult {
    fileprivate init(_ topic: AddPartitionsToTxnRequest.AddPartitionsToTxnTopic, _ error: (Int32) -> ErrorCode) {
        self.init()
        name = topic.name
        resultsByPartition = topic.partitions.map { index in
            var result = AddPartitionsToTxnResponse.AddPartitionsToTxnPartitionResult()
            result.partitionIndex = index
            result.partitionErrorCode = error(index)
            return result
        }
    }
}

extension AddPartitionsToTxnResponse {
    init(refusing request: AddPartitionsToTxnRequest, with error: ErrorCode) {
        self.init()
        errorCode = error
        resultsByTransaction = request.transactions.map { asked in
            var result = AddPartitionsToTxnResult()
            result.transactionalID = asked.transactionalID
            result.topicResults = asked.topics.map { topic in .init(topic) { _ in error } }
            return result
        }
        resultsByTopicV3AndBelow = request.v3AndBelowTopics.map { topic in .init(topic) { _ in error } }
    }
}
