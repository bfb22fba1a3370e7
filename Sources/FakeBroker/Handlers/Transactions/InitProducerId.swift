internal import KafkaProtocol

// InitProducerId (key 22): an id for an idempotent producer, a new one each time; for a transactional id the same one
// with the next epoch, which shuts out whoever had it before.
//
// An open transaction is aborted first, and the client is told CONCURRENT_TRANSACTIONS so that it asks again.

extension Cluster {
    mutating func initProducerID(
        _ request: InitProducerIdRequest, _ context: RequestContext, effects: inout Effects
    ) {
        var response = InitProducerIdResponse()
        var growth: [Growth] = []
        if let id = request.transactionalID {
            switch beginTransactions(request, id, broker: context.broker) {
            case .ready(let producer):
                response.producerID = producer.id
                response.producerEpoch = producer.epoch
            case .mustEnd:
                growth = finishTransaction(id)
                response.errorCode = .concurrentTransactions
            case .refused(let error):
                response.errorCode = error == .producerFenced ? context.fencedError : error
            }
            setTransactionTimer(id)
        } else {
            response.producerID = transactions.makeProducerID()
        }
        if response.errorCode != .none {
            response.producerID = RecordBatch.noProducerID
            response.producerEpoch = RecordBatch.noProducerEpoch
        }
        reply(to: context, .initProducerId(response), error: response.errorCode, effects: &effects)
        wakeFetches(growth, effects: &effects)
    }

    private mutating func beginTransactions(
        _ request: InitProducerIdRequest, _ id: String, broker: Int32
    ) -> Transaction.Beginning {
        let error = transactionCoordinatorError(id, broker: broker)
        guard error == .none else { return .refused(error) }
        let timeout = Duration.milliseconds(request.transactionTimeoutMs)
        guard timeout > .zero, timeout <= settings.transactionMaxTimeout else {
            return .refused(.invalidTransactionTimeout)
        }
        let expected = ProducerIdentity(id: request.producerID, epoch: request.producerEpoch)
        guard expected == .none || (expected.id >= 0 && expected.epoch >= 0) else { return .refused(.invalidRequest) }
        guard transactions[id] != nil || transactions.count < settings.limits.transactionalIDs else {
            return .refused(.policyViolation)
        }
        return transactions.begin(
            id, expected: expected == .none ? nil : expected, timeout: timeout, now: now.elapsed)
    }
}

extension RequestContext {
    /// What a producer is told that was shut out; clients of earlier versions do not know PRODUCER_FENCED (KIP-588).
    var fencedError: ErrorCode {
        switch apiKey {
        case .initProducerId where apiVersion < 4: .invalidProducerEpoch
        case .addPartitionsToTxn where apiVersion < 2: .invalidProducerEpoch
        case .addOffsetsToTxn where apiVersion < 2: .invalidProducerEpoch
        case .endTxn where apiVersion < 2: .invalidProducerEpoch
        default: .producerFenced
        }
    }
}
