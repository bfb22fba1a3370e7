package import NIOCore

// DescribeGroups (key 15) shows classic groups with their members.
//
// v3 authorized operations (KIP-430); v4 static members (KIP-345); v5 flexible; v6 error message and
// GROUP_ID_NOT_FOUND (KIP-1043).

package struct DescribeGroupsRequest: WireStruct {
    package var groups: [String] = []
    package var includeAuthorizedOperations = false

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.array("Groups", &groups)
        w.bool("IncludeAuthorizedOperations", &includeAuthorizedOperations, since: 3)
    }
}

package struct DescribeGroupsResponse: WireStruct {
    package var throttleTimeMs: Int32 = 0
    package var groups: [DescribedGroup] = []

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.int32("ThrottleTimeMs", &throttleTimeMs, since: 1)
        w.array("Groups", &groups)
    }

    package struct DescribedGroup: WireStruct {
        package var errorCode: ErrorCode = .none
        package var errorMessage: String?
        package var groupID = ""
        package var groupState = ""
        package var protocolType = ""
        package var protocolData = ""
        package var members: [DescribedGroupMember] = []
        package var authorizedOperations: Int32 = .min

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.errorCode("ErrorCode", &errorCode)
            w.nullableString("ErrorMessage", &errorMessage, since: 6)
            w.string("GroupId", &groupID)
            w.string("GroupState", &groupState)
            w.string("ProtocolType", &protocolType)
            w.string("ProtocolData", &protocolData)
            w.array("Members", &members)
            w.int32("AuthorizedOperations", &authorizedOperations, since: 3)
        }
    }

    package struct DescribedGroupMember: WireStruct {
        package var memberID = ""
        package var groupInstanceID: String?
        package var clientID = ""
        package var clientHost = ""
        package var memberMetadata = ByteBuffer()
        package var memberAssignment = ByteBuffer()

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.string("MemberId", &memberID)
            w.nullableString("GroupInstanceId", &groupInstanceID, since: 4)
            w.string("ClientId", &clientID)
            w.string("ClientHost", &clientHost)
            w.bytes("MemberMetadata", &memberMetadata)
            w.bytes("MemberAssignment", &memberAssignment)
        }
    }
}
