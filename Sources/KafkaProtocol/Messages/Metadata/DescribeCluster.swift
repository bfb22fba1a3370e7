// DescribeCluster (key 60) names the brokers, the controller and the cluster (KIP-700).
//
// v1 endpoint type, for controllers answer too (KIP-919); v2 fenced brokers (KIP-1073).

package struct DescribeClusterRequest: WireStruct {
    package var includeClusterAuthorizedOperations = false
    package var endpointType: Int8 = 1
    package var includeFencedBrokers = false

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.bool("IncludeClusterAuthorizedOperations", &includeClusterAuthorizedOperations)
        w.int8("EndpointType", &endpointType, since: 1)
        w.bool("IncludeFencedBrokers", &includeFencedBrokers, since: 2)
    }
}

package struct DescribeClusterResponse: WireStruct {
    package var throttleTimeMs: Int32 = 0
    package var errorCode: ErrorCode = .none
    package var errorMessage: String?
    package var endpointType: Int8 = 1
    package var clusterID = ""
    package var controllerID: Int32 = -1
    package var brokers: [DescribeClusterBroker] = []
    package var clusterAuthorizedOperations: Int32 = .min

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.int32("ThrottleTimeMs", &throttleTimeMs)
        w.errorCode("ErrorCode", &errorCode)
        w.nullableString("ErrorMessage", &errorMessage)
        w.int8("EndpointType", &endpointType, since: 1)
        w.string("ClusterId", &clusterID)
        w.int32("ControllerId", &controllerID)
        w.array("Brokers", &brokers)
        w.int32("ClusterAuthorizedOperations", &clusterAuthorizedOperations)
    }

    package struct DescribeClusterBroker: WireStruct {
        package var brokerID: Int32 = 0
        package var host = ""
        package var port: Int32 = 0
        package var rack: String?
        package var isFenced = false

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.int32("BrokerId", &brokerID)
            w.string("Host", &host)
            w.int32("Port", &port)
            w.nullableString("Rack", &rack)
            w.bool("IsFenced", &isFenced, since: 2)
        }
    }
}
