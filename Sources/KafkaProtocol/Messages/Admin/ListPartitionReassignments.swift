// ListPartitionReassignments (key 46) shows the moves that are under way (KIP-455).

package struct ListPartitionReassignmentsRequest: WireStruct {
    package var timeoutMs: Int32 = 60000
    package var topics: [ListPartitionReassignmentsTopics]?

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.int32("TimeoutMs", &timeoutMs)
        w.nullableArray("Topics", &topics)
    }

    package struct ListPartitionReassignmentsTopics: WireStruct {
        package var name = ""
        package var partitionIndexes: [Int32] = []

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.string("Name", &name)
            w.array("PartitionIndexes", &partitionIndexes)
        }
    }
}

package struct ListPartitionReassignmentsResponse: WireStruct {
    package var throttleTimeMs: Int32 = 0
    package var errorCode: ErrorCode = .none
    package var errorMessage: String?
    package var topics: [OngoingTopicReassignment] = []

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.int32("ThrottleTimeMs", &throttleTimeMs)
        w.errorCode("ErrorCode", &errorCode)
        w.nullableString("ErrorMessage", &errorMessage)
        w.array("Topics", &topics)
    }

    package struct OngoingTopicReassignment: WireStruct {
        package var name = ""
        package var partitions: [OngoingPartitionReassignment] = []

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.string("Name", &name)
            w.array("Partitions", &partitions)
        }
    }

    package struct OngoingPartitionReassignment: WireStruct {
        package var partitionIndex: Int32 = 0
        package var replicas: [Int32] = []
        package var addingReplicas: [Int32] = []
        package var removingReplicas: [Int32] = []

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.int32("PartitionIndex", &partitionIndex)
            w.array("Replicas", &replicas)
            w.array("AddingReplicas", &addingReplicas)
            w.array("RemovingReplicas", &removingReplicas)
        }
    }
}
