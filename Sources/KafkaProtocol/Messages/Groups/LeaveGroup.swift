// LeaveGroup (key 13) takes members out of a classic group.
//
// v3 many members at once, by instance id (KIP-345); v4 flexible; v5 reason (KIP-800).

package struct LeaveGroupRequest: WireStruct {
    package var groupID = ""
    package var memberID = ""
    package var members: [MemberIdentity] = []

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.string("GroupId", &groupID)
        w.string("MemberId", &memberID, through: 2)
        w.array("Members", &members, since: 3)
    }

    package struct MemberIdentity: WireStruct {
        package var memberID = ""
        package var groupInstanceID: String?
        package var reason: String?

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.string("MemberId", &memberID)
            w.nullableString("GroupInstanceId", &groupInstanceID)
            w.nullableString("Reason", &reason, since: 5)
        }
    }
}

package struct LeaveGroupResponse: WireStruct {
    package var throttleTimeMs: Int32 = 0
    package var errorCode: ErrorCode = .none
    package var members: [MemberResponse] = []

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.int32("ThrottleTimeMs", &throttleTimeMs, since: 1)
        w.errorCode("ErrorCode", &errorCode)
        w.array("Members", &members, since: 3)
    }

    package struct MemberResponse: WireStruct {
        package var memberID = ""
        package var groupInstanceID: String?
        package var errorCode: ErrorCode = .none

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.string("MemberId", &memberID)
            w.nullableString("GroupInstanceId", &groupInstanceID)
            w.errorCode("ErrorCode", &errorCode)
        }
    }
}
