internal import KafkaProtocol

// FindCoordinator (key 10): which broker speaks for a group or a transactional id.
//
// To version 3 one key; from version 4 many (KIP-699).

/// What kind of key is looked up.
private enum CoordinatorKeyType {
    static let group: Int8 = 0
    static let transaction: Int8 = 1
}

extension Cluster {
    mutating func findCoordinator(
        _ request: FindCoordinatorRequest, _ context: RequestContext, effects: inout Effects
    ) {
        var response = FindCoordinatorResponse()
        response.coordinators = request.coordinatorKeys.map { coordinator(of: $0, type: request.keyType, context) }
        let single = coordinator(of: request.key, type: request.keyType, context)
        response.errorCode = single.errorCode
        response.errorMessage = single.errorMessage
        response.nodeID = single.nodeID
        response.host = single.host
        response.port = single.port
        let error = (response.coordinators.first ?? single).errorCode
        reply(to: context, .findCoordinator(response), error: error, effects: &effects)
    }

    private func coordinator(
        of key: String, type: Int8, _ context: RequestContext
    ) -> FindCoordinatorResponse.Coordinator {
        var answer = FindCoordinatorResponse.Coordinator()
        answer.key = key
        answer.nodeID = -1
        answer.port = -1
        guard type == CoordinatorKeyType.group || type == CoordinatorKeyType.transaction else {
            answer.errorCode = .invalidRequest
            answer.errorMessage = "Key type \(type) is not known: 0 is a group, 1 a transactional id."
            return answer
        }
        let resource: Resource = type == CoordinatorKeyType.group ? .group(key) : .transactionalID(key)
        guard authorize(.describe, resource, context) else {
            answer.errorCode =
                type == CoordinatorKeyType.group ? .groupAuthorizationFailed : .transactionalIDAuthorizationFailed
            return answer
        }
        guard let broker = brokers.coordinator(for: key) else {
            answer.errorCode = .coordinatorNotAvailable
            return answer
        }
        answer.nodeID = broker.id
        answer.host = broker.host
        answer.port = broker.ports[context.listener]
        return answer
    }
}

extension FindCoordinatorResponse {
    init(refusing request: FindCoordinatorRequest, with error: ErrorCode) {
        self.init()
        errorCode = error
        nodeID = -1
        port = -1
        coordinators = request.coordinatorKeys.map { key in
            var answer = Coordinator()
            answer.key = key
            answer.nodeID = -1
            answer.port = -1
            answer.errorCode = error
            return answer
        }
    }
}
