// CreatePartitions (key 37) adds partitions to topics (KIP-195).
//
// v2 flexible; v3 THROTTLING_QUOTA_EXCEEDED (KIP-599).

package struct CreatePartitionsRequest: WireStruct {
    package var topics: [CreatePartitionsTopic] = []
    package var timeoutMs: Int32 = 0
    package var validateOnly = false

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.array("Topics", &topics)
        w.int32("TimeoutMs", &timeoutMs)
        w.bool("ValidateOnly", &validateOnly)
    }

    package struct CreatePartitionsTopic: WireStruct {
        package var name = ""
        package var count: Int32 = 0
        package var assignments: [CreatePartitionsAssignment]?

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.string("Name", &name)
            w.int32("Count", &count)
            w.nullableArray("Assignments", &assignments)
        }
    }

    package struct CreatePartitionsAssignment: WireStruct {
        package var brokerIDs: [Int32] = []

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.array("BrokerIds", &brokerIDs)
        }
    }
}

package struct CreatePartitionsResponse: WireStruct {
    package var throttleTimeMs: Int32 = 0
    package var results: [CreatePartitionsTopicResult] = []

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.int32("ThrottleTimeMs", &throttleTimeMs)
        w.array("Results", &results)
    }

    package struct CreatePartitionsTopicResult: WireStruct {
        package var name = ""
        package var errorCode: ErrorCode = .none
        package var errorMessage: String?

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.string("Name", &name)
            w.errorCode("ErrorCode", &errorCode)
            w.nullableString("ErrorMessage", &errorMessage)
        }
    }
}
