// AlterShareGroupOffsets (key 91) sets where an empty share group starts to read (KIP-932).

package struct AlterShareGroupOffsetsRequest: WireStruct {
    package var groupID = ""
    package var topics: [AlterShareGroupOffsetsRequestTopic] = []

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.string("GroupId", &groupID)
        w.array("Topics", &topics)
    }

    package struct AlterShareGroupOffsetsRequestTopic: WireStruct {
        package var topicName = ""
        package var partitions: [AlterShareGroupOffsetsRequestPartition] = []

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.string("TopicName", &topicName)
            w.array("Partitions", &partitions)
        }
    }

    package struct AlterShareGroupOffsetsRequestPartition: WireStruct {
        package var partitionIndex: Int32 = 0
        package var startOffset: Int64 = 0

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.int32("PartitionIndex", &partitionIndex)
            w.int64("StartOffset", &startOffset)
        }
    }
}

package struct AlterShareGroupOffsetsResponse: WireStruct {
    package var throttleTimeMs: Int32 = 0
    package var errorCode: ErrorCode = .none
    package var errorMessage: String?
    package var responses: [AlterShareGroupOffsetsResponseTopic] = []

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.int32("ThrottleTimeMs", &throttleTimeMs)
        w.errorCode("ErrorCode", &errorCode)
        w.nullableString("ErrorMessage", &errorMessage)
        w.array("Responses", &responses)
    }

    package struct AlterShareGroupOffsetsResponseTopic: WireStruct {
        package var topicName = ""
        package var topicID: TopicID = .zero
        package var partitions: [AlterShareGroupOffsetsResponsePartition] = []

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.string("TopicName", &topicName)
            w.uuid("TopicId", &topicID)
            w.array("Partitions", &partitions)
        }
    }

    package struct AlterShareGroupOffsetsResponsePartition: WireStruct {
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
