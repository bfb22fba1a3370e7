// CreateTopics (key 19) makes topics, with partitions placed by the broker or by the request.
//
// v1 validate only, error messages; v4 default partition and replica counts by -1 (KIP-464); v5 flexible, configs in
// the reply (KIP-525); v6 THROTTLING_QUOTA_EXCEEDED (KIP-599); v7 topic ids.

package struct CreateTopicsRequest: WireStruct {
    package var topics: [CreatableTopic] = []
    package var timeoutMs: Int32 = 60000
    package var validateOnly = false

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.array("Topics", &topics)
        w.int32("timeoutMs", &timeoutMs)
        w.bool("validateOnly", &validateOnly, since: 1)
    }

    package struct CreatableTopic: WireStruct {
        package var name = ""
        package var numPartitions: Int32 = 0
        package var replicationFactor: Int16 = 0
        package var assignments: [CreatableReplicaAssignment] = []
        package var configs: [CreatableTopicConfig] = []

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.string("Name", &name)
            w.int32("NumPartitions", &numPartitions)
            w.int16("ReplicationFactor", &replicationFactor)
            w.array("Assignments", &assignments)
            w.array("Configs", &configs)
        }
    }

    package struct CreatableReplicaAssignment: WireStruct {
        package var partitionIndex: Int32 = 0
        package var brokerIDs: [Int32] = []

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.int32("PartitionIndex", &partitionIndex)
            w.array("BrokerIds", &brokerIDs)
        }
    }

    package struct CreatableTopicConfig: WireStruct {
        package var name = ""
        package var value: String?

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.string("Name", &name)
            w.nullableString("Value", &value)
        }
    }
}

package struct CreateTopicsResponse: WireStruct {
    package var throttleTimeMs: Int32 = 0
    package var topics: [CreatableTopicResult] = []

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.int32("ThrottleTimeMs", &throttleTimeMs, since: 2)
        w.array("Topics", &topics)
    }

    package struct CreatableTopicResult: WireStruct {
        package var name = ""
        package var topicID: TopicID = .zero
        package var errorCode: ErrorCode = .none
        package var errorMessage: String?
        package var topicConfigErrorCode: ErrorCode = .none
        package var numPartitions: Int32 = -1
        package var replicationFactor: Int16 = -1
        package var configs: [CreatableTopicConfigs]?

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.string("Name", &name)
            w.uuid("TopicId", &topicID, since: 7)
            w.errorCode("ErrorCode", &errorCode)
            w.nullableString("ErrorMessage", &errorMessage, since: 1)
            w.int32("NumPartitions", &numPartitions, since: 5)
            w.int16("ReplicationFactor", &replicationFactor, since: 5)
            w.nullableArray("Configs", &configs, since: 5)
        }

        package mutating func wireTags(_ w: inout some WireCoder) {
            w.tag(0, "TopicConfigErrorCode", &topicConfigErrorCode, since: 5)
        }
    }

    package struct CreatableTopicConfigs: WireStruct {
        package var name = ""
        package var value: String?
        package var readOnly = false
        package var configSource: Int8 = -1
        package var isSensitive = false

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.string("Name", &name)
            w.nullableString("Value", &value)
            w.bool("ReadOnly", &readOnly)
            w.int8("ConfigSource", &configSource)
            w.bool("IsSensitive", &isSensitive)
        }
    }
}
