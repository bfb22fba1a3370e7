// ConsumerGroupDescribe (key 69) shows consumer groups with their members (KIP-848).
//
// v1 member type (KIP-1099).

package struct ConsumerGroupDescribeRequest: WireStruct {
    package var groupIDs: [String] = []
    package var includeAuthorizedOperations = false

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.array("GroupIds", &groupIDs)
        w.bool("IncludeAuthorizedOperations", &includeAuthorizedOperations)
    }
}

package struct ConsumerGroupDescribeResponse: WireStruct {
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
        package var instanceID: String?
        package var rackID: String?
        package var memberEpoch: Int32 = 0
        package var clientID = ""
        package var clientHost = ""
        package var subscribedTopicNames: [String] = []
        package var subscribedTopicRegex: String?
        package var assignment = Assignment()
        package var targetAssignment = Assignment()
        package var memberType: Int8 = -1

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.string("MemberId", &memberID)
            w.nullableString("InstanceId", &instanceID)
            w.nullableString("RackId", &rackID)
            w.int32("MemberEpoch", &memberEpoch)
            w.string("ClientId", &clientID)
            w.string("ClientHost", &clientHost)
            w.array("SubscribedTopicNames", &subscribedTopicNames)
            w.nullableString("SubscribedTopicRegex", &subscribedTopicRegex)
            w.structure("Assignment", &assignment)
            w.structure("TargetAssignment", &targetAssignment)
            w.int8("MemberType", &memberType, since: 1)
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
