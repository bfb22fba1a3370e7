internal import KafkaProtocol

// EndTxn (key 26): a producer commits or aborts its transaction.
//
// From version 5, which is version 2 of transactions, the reply names the epoch with which the producer goes on.

extension Cluster {
    mutating func endTxn(_ request: EndTxnRequest, _ context: RequestContext, effects: inout Effects) {
        var response = EndTxnResponse()
        var growth: [Growth] = []
        response.errorCode = transactionCoordinatorError(request.transactionalID, broker: context.broker)
        if response.errorCode == .none {
            let end = transactions.end(
                request.transactionalID, request.committed ? .commit : .abort,
                by: ProducerIdentity(id: request.producerID, epoch: request.producerEpoch),
                bumpsEpoch: context.bumpsEpochAtEnd, now: now.elapsed)
            switch end {
            case .begun(let next):
                (response.producerID, response.producerEpoch) = (next.id, next.epoch)
                growth = finishTransaction(request.transactionalID)
            case .done(let next): (response.producerID, response.producerEpoch) = (next.id, next.epoch)
            case .refused(let error): response.errorCode = error == .producerFenced ? context.fencedError : error
            }
        }
        reply(to: context, .endTxn(response), error: response.errorCode, effects: &effects)
        wakeFetches(growth, effects: &effects)
    }
}

extension RequestContext {
    fileprivate var bumpsEpochAtEnd: Bool { apiVersion >= 5 }
}
