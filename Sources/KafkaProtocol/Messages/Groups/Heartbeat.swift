// Heartbeat (key 12) keeps a member of a classic group alive and tells it of rebalances.
//
// v3 static members (KIP-345); v4 flexible.

package struct HeartbeatRequest: WireStruct {
    package var groupID = ""
    package var generationID: Int32 = 0
    package var memberID = ""
    package var groupInstanceID: String?

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.string("GroupId", &groupID)
        w.int32("GenerationId", &generationID)
        w.string("MemberId", &memberID)
        w.nullableString("GroupInstanceId", &groupInstanceID, since: 3)
    }
}

package struct HeartbeatResponse: WireStruct {
    package var throttleTimeMs: Int32 = 0
    package var errorCode: ErrorCode = .none

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.int32("ThrottleTimeMs", &throttleTimeMs, since: 1)
        w.errorCode("ErrorCode", &errorCode)
    }
}
