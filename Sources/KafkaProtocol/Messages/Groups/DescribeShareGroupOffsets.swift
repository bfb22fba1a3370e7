// DescribeShareGroupOffsets (key 90) asks where share groups start to read (KIP-932).
//
// v1 lag (KIP-1226).

package struct DescribeShareGroupOffsetsRequest: WireStruct {
    package var groups: [DescribeShareGroupOffsetsRequestGroup] = []

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.array("Groups", &groups)
    }

    package struct DescribeShareGroupOffsetsRequestGroup: WireStruct {
        package var groupID = ""
        package var topics: [DescribeShareGroupOffsetsRequestTopic]?

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.string("GroupId", &groupID)
            w.nullableArray("Topics", &topics)
        }
    }

    package struct DescribeShareGroupOffsetsRequestTopic: WireStruct {
        package var topicName = ""
        package var partitions: [Int32] = []

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.string("TopicName", &topicName)
            w.array("Partitions", &partitions)
        }
    }
}

package struct DescribeShareGroupOffsetsResponse: WireStruct {
    package var throttleTimeMs: Int32 = 0
    package var groups: [DescribeShareGroupOffsetsResponseGroup] = []

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.int32("ThrottleTimeMs", &throttleTimeMs)
        w.array("Groups", &groups)
    }

    package struct DescribeShareGroupOffsetsResponseGroup: WireStruct {
        package var groupID = ""
        package var topics: [DescribeShareGroupOffsetsResponseTopic] = []
        package var errorCode: ErrorCode = .none
        package var errorMessage: String?

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.string("GroupId", &groupID)
            w.array("Topics", &topics)
            w.errorCode("ErrorCode", &errorCode)
            w.nullableString("ErrorMessage", &errorMessage)
        }
    }

    package struct DescribeShareGroupOffsetsResponseTopic: WireStruct {
        package var topicName = ""
        package var topicID: TopicID = .zero
        package var partitions: [DescribeShareGroupOffsetsResponsePartition] = []

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.string("TopicName", &topicName)
            w.uuid("TopicId", &topicID)
            w.array("Partitions", &partitions)
        }
    }

    package struct DescribeShareGroupOffsetsResponsePartition: WireStruct {
        package var partitionIndex: Int32 = 0
        package var startOffset: Int64 = 0
        package var leaderEpoch: Int32 = 0
        package var lag: Int64 = -1
        package var errorCode: ErrorCode = .none
        package var errorMessage: String?

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.int32("PartitionIndex", &partitionIndex)
            w.int64("StartOffset", &startOffset)
            w.int32("LeaderEpoch", &leaderEpoch)
            w.int64("Lag", &lag, since: 1)
            w.errorCode("ErrorCode", &errorCode)
            w.nullableString("ErrorMessage", &errorMessage)
        }
    }
}
