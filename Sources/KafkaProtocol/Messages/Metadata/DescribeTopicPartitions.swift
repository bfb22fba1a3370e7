// DescribeTopicPartitions (key 75) lists topics page by page, with their eligible leaders (KIP-966).

package struct DescribeTopicPartitionsRequest: WireStruct {
    package var topics: [TopicRequest] = []
    package var responsePartitionLimit: Int32 = 2000
    package var cursor: Cursor?

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.array("Topics", &topics)
        w.int32("ResponsePartitionLimit", &responsePartitionLimit)
        w.nullableStructure("Cursor", &cursor)
    }

    package struct TopicRequest: WireStruct {
        package var name = ""

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.string("Name", &name)
        }
    }

    package struct Cursor: WireStruct {
        package var topicName = ""
        package var partitionIndex: Int32 = 0

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.string("TopicName", &topicName)
            w.int32("PartitionIndex", &partitionIndex)
        }
    }
}

package struct DescribeTopicPartitionsResponse: WireStruct {
    package var throttleTimeMs: Int32 = 0
    package var topics: [DescribeTopicPartitionsResponseTopic] = []
    package var nextCursor: Cursor?

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.int32("ThrottleTimeMs", &throttleTimeMs)
        w.array("Topics", &topics)
        w.nullableStructure("NextCursor", &nextCursor)
    }

    package struct DescribeTopicPartitionsResponseTopic: WireStruct {
        package var errorCode: ErrorCode = .none
        package var name: String?
        package var topicID: TopicID = .zero
        package var isInternal = false
        package var partitions: [DescribeTopicPartitionsResponsePartition] = []
        package var topicAuthorizedOperations: Int32 = .min

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.errorCode("ErrorCode", &errorCode)
            w.nullableString("Name", &name)
            w.uuid("TopicId", &topicID)
            w.bool("IsInternal", &isInternal)
            w.array("Partitions", &partitions)
            w.int32("TopicAuthorizedOperations", &topicAuthorizedOperations)
        }
    }

    package struct DescribeTopicPartitionsResponsePartition: WireStruct {
        package var errorCode: ErrorCode = .none
        package var partitionIndex: Int32 = 0
        package var leaderID: Int32 = 0
        package var leaderEpoch: Int32 = -1
        package var replicaNodes: [Int32] = []
        package var isrNodes: [Int32] = []
        package var eligibleLeaderReplicas: [Int32]?
        package var lastKnownElr: [Int32]?
        package var offlineReplicas: [Int32] = []

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.errorCode("ErrorCode", &errorCode)
            w.int32("PartitionIndex", &partitionIndex)
            w.int32("LeaderId", &leaderID)
            w.int32("LeaderEpoch", &leaderEpoch)
            w.array("ReplicaNodes", &replicaNodes)
            w.array("IsrNodes", &isrNodes)
            w.nullableArray("EligibleLeaderReplicas", &eligibleLeaderReplicas)
            w.nullableArray("LastKnownElr", &lastKnownElr)
            w.array("OfflineReplicas", &offlineReplicas)
        }
    }

    package struct Cursor: WireStruct {
        package var topicName = ""
        package var partitionIndex: Int32 = 0

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.string("TopicName", &topicName)
            w.int32("PartitionIndex", &partitionIndex)
        }
    }
}
