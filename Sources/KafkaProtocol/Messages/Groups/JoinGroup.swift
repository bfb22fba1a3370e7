package import NIOCore

// JoinGroup (key 11) makes a client a member of a classic group; the reply waits for the others.
//
// v1 a rebalance timeout of its own; v4 a new member must come back with the id it was given (KIP-394); v5 static
// members (KIP-345); v6 flexible; v7 protocol type; v8 reason (KIP-800); v9 the leader may skip the assignment
// (KIP-814).

package struct JoinGroupRequest: WireStruct {
    package var groupID = ""
    package var sessionTimeoutMs: Int32 = 0
    package var rebalanceTimeoutMs: Int32 = -1
    package var memberID = ""
    package var groupInstanceID: String?
    package var protocolType = ""
    package var protocols: [JoinGroupRequestProtocol] = []
    package var reason: String?

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.string("GroupId", &groupID)
        w.int32("SessionTimeoutMs", &sessionTimeoutMs)
        w.int32("RebalanceTimeoutMs", &rebalanceTimeoutMs, since: 1)
        w.string("MemberId", &memberID)
        w.nullableString("GroupInstanceId", &groupInstanceID, since: 5)
        w.string("ProtocolType", &protocolType)
        w.array("Protocols", &protocols)
        w.nullableString("Reason", &reason, since: 8)
    }

    package struct JoinGroupRequestProtocol: WireStruct {
        package var name = ""
        package var metadata = ByteBuffer()

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.string("Name", &name)
            w.bytes("Metadata", &metadata)
        }
    }
}

package struct JoinGroupResponse: WireStruct {
    package var throttleTimeMs: Int32 = 0
    package var errorCode: ErrorCode = .none
    package var generationID: Int32 = -1
    package var protocolType: String?
    package var protocolName: String?
    package var leader = ""
    package var skipAssignment = false
    package var memberID = ""
    package var members: [JoinGroupResponseMember] = []

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.int32("ThrottleTimeMs", &throttleTimeMs, since: 2)
        w.errorCode("ErrorCode", &errorCode)
        w.int32("GenerationId", &generationID)
        w.nullableString("ProtocolType", &protocolType, since: 7)
        w.nullableString("ProtocolName", &protocolName, nullableSince: 7)
        w.string("Leader", &leader)
        w.bool("SkipAssignment", &skipAssignment, since: 9)
        w.string("MemberId", &memberID)
        w.array("Members", &members)
    }

    package struct JoinGroupResponseMember: WireStruct {
        package var memberID = ""
        package var groupInstanceID: String?
        package var metadata = ByteBuffer()

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.string("MemberId", &memberID)
            w.nullableString("GroupInstanceId", &groupInstanceID, since: 5)
            w.bytes("Metadata", &metadata)
        }
    }
}
