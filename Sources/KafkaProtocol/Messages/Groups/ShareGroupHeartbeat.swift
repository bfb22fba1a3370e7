// ShareGroupHeartbeat (key 76) joins, keeps and leaves a share group (KIP-932).
//
// v0 was the early access of Kafka 4.0 and is gone.

package struct ShareGroupHeartbeatRequest: WireStruct {
    package var groupID = ""
    package var memberID = ""
    package var memberEpoch: Int32 = 0
    package var rackID: String?
    package var subscribedTopicNames: [String]?

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.string("GroupId", &groupID)
        w.string("MemberId", &memberID)
        w.int32("MemberEpoch", &memberEpoch)
        w.nullableString("RackId", &rackID)
        w.nullableArray("SubscribedTopicNames", &subscribedTopicNames)
    }
}

package struct ShareGroupHeartbeatResponse: WireStruct {
    package var throttleTimeMs: Int32 = 0
    package var errorCode: ErrorCode = .none
    package var errorMessage: String?
    package var memberID: String?
    package var memberEpoch: Int32 = 0
    package var heartbeatIntervalMs: Int32 = 0
    package var assignment: Assignment?

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.int32("ThrottleTimeMs", &throttleTimeMs)
        w.errorCode("ErrorCode", &errorCode)
        w.nullableString("ErrorMessage", &errorMessage)
        w.nullableString("MemberId", &memberID)
        w.int32("MemberEpoch", &memberEpoch)
        w.int32("HeartbeatIntervalMs", &heartbeatIntervalMs)
        w.nullableStructure("Assignment", &assignment)
    }

    package struct Assignment: WireStruct {
        package var topicPartitions: [TopicPartitions] = []

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.array("TopicPartitions", &topicPartitions)
        }
    }

    package struct TopicPartitions: WireStruct {
        package var topicID: TopicID = .zero
        package var partitions: [Int32] = []

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.uuid("TopicId", &topicID)
            w.array("Partitions", &partitions)
        }
    }
}
