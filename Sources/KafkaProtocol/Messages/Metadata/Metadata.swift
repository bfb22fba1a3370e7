// Metadata (key 3) names brokers, topics, partitions and their leaders.
//
// v0 an empty list of topics asks for all; from v1 null does and empty asks for none. v4 auto-creation can be declined;
// v5 offline replicas; v7 leader epochs (KIP-320); v8 authorized operations (KIP-430); v9 flexible; v10 topic ids;
// v11 no cluster operations (moved to DescribeCluster); v12 topics asked for by id alone (KIP-516);
// v13 REBOOTSTRAP_REQUIRED for the whole reply (KIP-1102).

package struct MetadataRequest: WireStruct {
    package var topics: [MetadataRequestTopic]?
    package var allowAutoTopicCreation = true
    package var includeClusterAuthorizedOperations = false
    package var includeTopicAuthorizedOperations = false

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.nullableArray("Topics", &topics, nullableSince: 1)
        w.bool("AllowAutoTopicCreation", &allowAutoTopicCreation, since: 4)
        w.bool("IncludeClusterAuthorizedOperations", &includeClusterAuthorizedOperations, since: 8, through: 10)
        w.bool("IncludeTopicAuthorizedOperations", &includeTopicAuthorizedOperations, since: 8)
    }

    package struct MetadataRequestTopic: WireStruct {
        package var topicID: TopicID = .zero
        package var name: String?

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.uuid("TopicId", &topicID, since: 10)
            w.nullableString("Name", &name, nullableSince: 10)
        }
    }
}

package struct MetadataResponse: WireStruct {
    package var throttleTimeMs: Int32 = 0
    package var brokers: [MetadataResponseBroker] = []
    package var clusterID: String?
    package var controllerID: Int32 = -1
    package var topics: [MetadataResponseTopic] = []
    package var clusterAuthorizedOperations: Int32 = .min
    package var errorCode: ErrorCode = .none

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.int32("ThrottleTimeMs", &throttleTimeMs, since: 3)
        w.array("Brokers", &brokers)
        w.nullableString("ClusterId", &clusterID, since: 2)
        w.int32("ControllerId", &controllerID, since: 1)
        w.array("Topics", &topics)
        w.int32("ClusterAuthorizedOperations", &clusterAuthorizedOperations, since: 8, through: 10)
        w.errorCode("ErrorCode", &errorCode, since: 13)
    }

    package struct MetadataResponseBroker: WireStruct {
        package var nodeID: Int32 = 0
        package var host = ""
        package var port: Int32 = 0
        package var rack: String?

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.int32("NodeId", &nodeID)
            w.string("Host", &host)
            w.int32("Port", &port)
            w.nullableString("Rack", &rack, since: 1)
        }
    }

    package struct MetadataResponseTopic: WireStruct {
        package var errorCode: ErrorCode = .none
        package var name: String?
        package var topicID: TopicID = .zero
        package var isInternal = false
        package var partitions: [MetadataResponsePartition] = []
        package var topicAuthorizedOperations: Int32 = .min

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.errorCode("ErrorCode", &errorCode)
            w.nullableString("Name", &name, nullableSince: 12)
            w.uuid("TopicId", &topicID, since: 10)
            w.bool("IsInternal", &isInternal, since: 1)
            w.array("Partitions", &partitions)
            w.int32("TopicAuthorizedOperations", &topicAuthorizedOperations, since: 8)
        }
    }

    package struct MetadataResponsePartition: WireStruct {
        package var errorCode: ErrorCode = .none
        package var partitionIndex: Int32 = 0
        package var leaderID: Int32 = 0
        package var leaderEpoch: Int32 = -1
        package var replicaNodes: [Int32] = []
        package var isrNodes: [Int32] = []
        package var offlineReplicas: [Int32] = []

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.errorCode("ErrorCode", &errorCode)
            w.int32("PartitionIndex", &partitionIndex)
            w.int32("LeaderId", &leaderID)
            w.int32("LeaderEpoch", &leaderEpoch, since: 7)
            w.array("ReplicaNodes", &replicaNodes)
            w.array("IsrNodes", &isrNodes)
            w.array("OfflineReplicas", &offlineReplicas, since: 5)
        }
    }
}
