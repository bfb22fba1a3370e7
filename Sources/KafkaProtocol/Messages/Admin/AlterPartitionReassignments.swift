// AlterPartitionReassignments (key 45) moves partitions to other brokers, or stops a move (KIP-455).
//
// v1 whether the replication factor may change (KIP-860).

package struct AlterPartitionReassignmentsRequest: WireStruct {
    package var timeoutMs: Int32 = 60000
    package var allowReplicationFactorChange = true
    package var topics: [ReassignableTopic] = []

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.int32("TimeoutMs", &timeoutMs)
        w.bool("AllowReplicationFactorChange", &allowReplicationFactorChange, since: 1)
        w.array("Topics", &topics)
    }

    package struct ReassignableTopic: WireStruct {
        package var name = ""
        package var partitions: [ReassignablePartition] = []

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.string("Name", &name)
            w.array("Partitions", &partitions)
        }
    }

    package struct ReassignablePartition: WireStruct {
        package var partitionIndex: Int32 = 0
        package var replicas: [Int32]?

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.int32("PartitionIndex", &partitionIndex)
            w.nullableArray("Replicas", &replicas)
        }
    }
}

package struct AlterPartitionReassignmentsResponse: WireStruct {
    package var throttleTimeMs: Int32 = 0
    package var allowReplicationFactorChange = true
    package var errorCode: ErrorCode = .none
    package var errorMessage: String?
    package var responses: [ReassignableTopicResponse] = []

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.int32("ThrottleTimeMs", &throttleTimeMs)
        w.bool("AllowReplicationFactorChange", &allowReplicationFactorChange, since: 1)
        w.errorCode("ErrorCode", &errorCode)
        w.nullableString("ErrorMessage", &errorMessage)
        w.array("Responses", &responses)
    }

    package struct ReassignableTopicResponse: WireStruct {
        package var name = ""
        package var partitions: [ReassignablePartitionResponse] = []

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.string("Name", &name)
            w.array("Partitions", &partitions)
        }
    }

    package struct ReassignablePartitionResponse: WireStruct {
        package var partitionIndex: Int32 = 0
        package var errorCode: ErrorCode = .none
        package var errorMessage: String?

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.int32("PartitionIndex", &partitionIndex)
            w.errorCode("ErrorCode", &errorCode)
            w.nullableString("ErrorMessage", &errorMessage)
        }
    }
}
