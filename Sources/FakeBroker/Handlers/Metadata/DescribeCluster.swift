internal import KafkaProtocol

// DescribeCluster (key 60): the brokers, the controller and the cluster's id. Brokers are asked, never controllers.

extension Cluster {
    private static let brokerEndpoints: Int8 = 1

    mutating func describeCluster(
        _ request: DescribeClusterRequest, _ context: RequestContext, effects: inout Effects
    ) {
        var response = DescribeClusterResponse()
        response.endpointType = request.endpointType
        guard request.endpointType == Self.brokerEndpoints else {
            let isKnown = request.endpointType == 2
            response.errorCode = isKnown ? .mismatchedEndpointType : .unsupportedEndpointType
            response.errorMessage =
                "Endpoint type \(request.endpointType) is not answered here; accepted is 1, brokers."
            return reply(to: context, .describeCluster(response), error: response.errorCode, effects: &effects)
        }
        response.clusterID = clusterID
        response.controllerID = brokers.controller
        response.brokers = brokers.all.filter { $0.isUp || request.includeFencedBrokers }.map { broker in
            var described = DescribeClusterResponse.DescribeClusterBroker()
            described.brokerID = broker.id
            described.host = broker.host
            described.port = broker.ports[context.listener]
            described.rack = broker.rack
            described.isFenced = !broker.isUp
            return described
        }
        if request.includeClusterAuthorizedOperations {
            // As in Kafka nothing is told to those who may not look.
            response.clusterAuthorizedOperations =
                authorize(.describe, .cluster, context) ? authorizedOperations(on: .cluster, context) : 0
        }
        reply(to: context, .describeCluster(response), effects: &effects)
    }
}
