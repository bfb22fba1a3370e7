package import NIOCore

// SyncGroup (key 14) hands the leader's assignment of a classic group to its members.
//
// v3 static members (KIP-345); v4 flexible; v5 protocol type and name (KIP-559).

package struct SyncGroupRequest: WireStruct {
    package var groupID = ""
    package var generationID: Int32 = 0
    package var memberID = ""
    package var groupInstanceID: String?
    package var protocolType: String?
    package var protocolName: String?
    package var assignments: [SyncGroupRequestAssignment] = []

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.string("GroupId", &groupID)
        w.int32("GenerationId", &generationID)
        w.string("MemberId", &memberID)
        w.nullableString("GroupInstanceId", &groupInstanceID, since: 3)
        w.nullableString("ProtocolType", &protocolType, since: 5)
        w.nullableString("ProtocolName", &protocolName, since: 5)
        w.array("Assignments", &assignments)
    }

    package struct SyncGroupRequestAssignment: WireStruct {
        package var memberID = ""
        package var assignment = ByteBuffer()

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.string("MemberId", &memberID)
            w.bytes("Assignment", &assignment)
        }
    }
}

package struct SyncGroupResponse: WireStruct {
    package var throttleTimeMs: Int32 = 0
    package var errorCode: ErrorCode = .none
    package var protocolType: String?
    package var protocolName: String?
    package var assignment = ByteBuffer()

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.int32("ThrottleTimeMs", &throttleTimeMs, since: 1)
        w.errorCode("ErrorCode", &errorCode)
        w.nullableString("ProtocolType", &protocolType, since: 5)
        w.nullableString("ProtocolName", &protocolName, since: 5)
        w.bytes("Assignment", &assignment)
    }
}
