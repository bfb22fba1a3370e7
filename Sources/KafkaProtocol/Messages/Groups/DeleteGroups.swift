// DeleteGroups (key 42) deletes empty groups.
//
// v2 flexible.

package struct DeleteGroupsRequest: WireStruct {
    package var groupsNames: [String] = []

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.array("GroupsNames", &groupsNames)
    }
}

package struct DeleteGroupsResponse: WireStruct {
    package var throttleTimeMs: Int32 = 0
    package var results: [DeletableGroupResult] = []

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.int32("ThrottleTimeMs", &throttleTimeMs)
        w.array("Results", &results)
    }

    package struct DeletableGroupResult: WireStruct {
        package var groupID = ""
        package var errorCode: ErrorCode = .none

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.string("GroupId", &groupID)
            w.errorCode("ErrorCode", &errorCode)
        }
    }
}
