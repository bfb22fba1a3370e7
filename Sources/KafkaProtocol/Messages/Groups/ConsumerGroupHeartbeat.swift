// ConsumerGroupHeartbeat (key 68) joins, keeps and leaves a consumer group whose assignment the broker makes (KIP-848).
//
// v1 subscription by a regular expression that the broker resolves; the client chooses its member id (KIP-1082).

package struct ConsumerGroupHeartbeatRequest: WireStruct {
    package var groupID = ""
    package var memberID = ""
    package var memberEpoch: Int32 = 0
    package var instanceID: String?
    package var rackID: String?
    package var rebalanceTimeoutMs: Int32 = -1
    package var subscribedTopicNames: [String]?
    package var subscribedTopicRegex: String?
    package var serverAssignor: String?
    package var topicPartitions: [TopicPartitions]?

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.string("GroupId", &groupID)
        w.string("MemberId", &memberID)
        w.int32("MemberEpoch", &memberEpoch)
        w.nullableString("InstanceId", &instanceID)
        w.nullableString("RackId", &rackID)
        w.int32("RebalanceTimeoutMs", &rebalanceTimeoutMs)
        w.nullableArray("SubscribedTopicNames", &subscribedTopicNames)
        w.nullableString("SubscribedTopicRegex", &subscribedTopicRegex, since: 1)
        w.nullableString("ServerAssignor", &serverAssignor)
        w.nullableArray("TopicPartitions", &topicPartitions)
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

package struct ConsumerGroupHeartbeatResponse: WireStruct {
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
