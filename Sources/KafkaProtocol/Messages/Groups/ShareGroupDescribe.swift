// ShareGroupDescribe (key 77) shows share groups with their members (KIP-932).
//
// v0 was the early access of Kafka 4.0 and is gone.

package struct ShareGroupDescribeRequest: WireStruct {
    package var groupIDs: [String] = []
    package var includeAuthorizedOperations = false

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.array("GroupIds", &groupIDs)
        w.bool("IncludeAuthorizedOperations", &includeAuthorizedOperations)
    }
}

package struct ShareGroupDescribeResponse: WireStruct {
    package var throttleTimeMs: Int32 = 0
    package var groups: [DescribedGroup] = []

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.int32("ThrottleTimeMs", &throttleTimeMs)
        w.array("Groups", &groups)
    }

    package struct DescribedGroup: WireStruct {
        package var errorCode: ErrorCode = .none
        package var errorMessage: String?
        package var groupID = ""
        package var groupState = ""
        package var groupEpoch: Int32 = 0
        package var assignmentEpoch: Int32 = 0
        package var assignorName = ""
        package var members: [Member] = []
        package var authorizedOperations: Int32 = .min

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.errorCode("ErrorCode", &errorCode)
            w.nullableString("ErrorMessage", &errorMessage)
            w.string("GroupId", &groupID)
            w.string("GroupState", &groupState)
            w.int32("GroupEpoch", &groupEpoch)
            w.int32("AssignmentEpoch", &assignmentEpoch)
            w.string("AssignorName", &assignorName)
            w.array("Members", &members)
            w.int32("AuthorizedOperations", &authorizedOperations)
        }
    }

    package struct Member: WireStruct {
        package var memberID = ""
        package var rackID: String?
        package var memberEpoch: Int32 = 0
        package var clientID = ""
        package var clientHost = ""
        package var subscribedTopicNames: [String] = []
        package var assignment = Assignment()

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.string("MemberId", &memberID)
            w.nullableString("RackId", &rackID)
            w.int32("MemberEpoch", &memberEpoch)
            w.string("ClientId", &clientID)
            w.string("ClientHost", &clientHost)
            w.array("SubscribedTopicNames", &subscribedTopicNames)
            w.structure("Assignment", &assignment)
        }
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
        package var topicName = ""
        package var partitions: [Int32] = []

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.uuid("TopicId", &topicID)
            w.string("TopicName", &topicName)
            w.array("Partitions", &partitions)
        }
    }
}
