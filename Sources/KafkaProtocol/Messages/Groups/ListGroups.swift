// ListGroups (key 16) names the groups that a broker coordinates.
//
// v3 flexible; v4 states (KIP-518); v5 types (KIP-848).

package struct ListGroupsRequest: WireStruct {
    package var statesFilter: [String] = []
    package var typesFilter: [String] = []

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.array("StatesFilter", &statesFilter, since: 4)
        w.array("TypesFilter", &typesFilter, since: 5)
    }
}

package struct ListGroupsResponse: WireStruct {
    package var throttleTimeMs: Int32 = 0
    package var errorCode: ErrorCode = .none
    package var groups: [ListedGroup] = []

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.int32("ThrottleTimeMs", &throttleTimeMs, since: 1)
        w.errorCode("ErrorCode", &errorCode)
        w.array("Groups", &groups)
    }

    package struct ListedGroup: WireStruct {
        package var groupID = ""
        package var protocolType = ""
        package var groupState = ""
        package var groupType = ""

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.string("GroupId", &groupID)
            w.string("ProtocolType", &protocolType)
            w.string("GroupState", &groupState, since: 4)
            w.string("GroupType", &groupType, since: 5)
        }
    }
}
