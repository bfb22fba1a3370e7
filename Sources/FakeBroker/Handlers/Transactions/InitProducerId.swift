internal import KafkaProtocol

// InitProducerId (key 22): an id for an idempotent producer; each request gets a new one, as in Kafka.
//
// A transactional id is refused: there is no transaction coordinator yet, and no API of one is offered.

extension Cluster {
    mutating func initProducerID(
        _ request: InitProducerIdRequest, _ context: RequestContext, effects: inout Effects
    ) {
        var response = InitProducerIdResponse()
        if request.transactionalID != nil {
            response.errorCode = .invalidRequest
        } else {
            response.producerID = nextProducerID
            nextProducerID += 1
        }
        reply(to: context, .initProducerId(response), error: response.errorCode, effects: &effects)
    }
}
