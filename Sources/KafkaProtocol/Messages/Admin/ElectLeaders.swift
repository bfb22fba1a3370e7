// ElectLeaders (key 43) makes preferred replicas leaders, or any that live.
//
// v0 preferred only; v1 unclean elections too (KIP-460); v2 flexible.

package struct ElectLeadersRequest: WireStruct {
    package var electionType: Int8 = 0
    package var topicPartitions: [TopicPartitions]?
    package var timeoutMs: Int32 = 60000

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.int8("ElectionType", &electionType, since: 1)
        w.nullableArray("TopicPartitions", &topicPartitions)
        w.int32("TimeoutMs", &timeoutMs)
    }

    package struct TopicPartitions: WireStruct {
        package var topic = ""
        package var partitions: [Int32] = []

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.string("Topic", &topic)
            w.array("Partitions", &partitions)
        }
    }
}

package struct ElectLeadersResponse: WireStruct {
    package var throttleTimeMs: Int32 = 0
    package var errorCode: ErrorCode = .none
    package var replicaElectionResults: [ReplicaElectionResult] = []

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.int32("ThrottleTimeMs", &throttleTimeMs)
        w.errorCode("ErrorCode", &errorCode, since: 1)
        w.array("ReplicaElectionResults", &replicaElectionResults)
    }

    package struct ReplicaElectionResult: WireStruct {
        package var topic = ""
        package var partitionResult: [PartitionResult] = []

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.string("Topic", &topic)
            w.array("PartitionResult", &partitionResult)
        }
    }

    package struct PartitionResult: WireStruct {
        package var partitionID: Int32 = 0
        package var errorCode: ErrorCode = .none
        package var errorMessage: String?

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.int32("PartitionId", &partitionID)
            w.errorCode("ErrorCode", &errorCode)
            w.nullableString("ErrorMessage", &errorMessage)
        }
    }
}
