internal import KafkaProtocol

// AddOffsetsToTxn (key 25): the offsets of a group become part of a transaction.

extension Cluster {
    mutating func addOffsetsToTxn(
        _ request: AddOffsetsToTxnRequest, _ context: RequestContext, effects: inout Effects
    ) {
        var response = AddOffsetsToTxnResponse()
        response.errorCode = transactionCoordinatorError(request.transactionalID, broker: context.broker)
        if response.errorCode == .none {
            response.errorCode = addToTransaction(
                request.transactionalID, partitions: [], groups: [request.groupID],
                by: ProducerIdentity(id: request.producerID, epoch: request.producerEpoch), bumpsEpoch: false)
        }
        if response.errorCode == .producerFenced { response.errorCode = context.fencedError }
        reply(to: context, .addOffsetsToTxn(response), error: response.errorCode, effects: &effects)
    }
}
