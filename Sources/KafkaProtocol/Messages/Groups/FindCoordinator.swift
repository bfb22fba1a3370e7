// FindCoordinator (key 10) names the broker that coordinates a group, a transactional id or a share group.
//
// v1 key type; v3 flexible; v4 many keys at once (KIP-699); v5 TRANSACTION_ABORTABLE (KIP-890); v6 share groups
// (KIP-932).

package struct FindCoordinatorRequest: WireStruct {
    package var key = ""
    package var keyType: Int8 = 0
    package var coordinatorKeys: [String] = []

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.string("Key", &key, through: 3)
        w.int8("KeyType", &keyType, since: 1)
        w.array("CoordinatorKeys", &coordinatorKeys, since: 4)
    }
}

package struct FindCoordinatorResponse: WireStruct {
    package var throttleTimeMs: Int32 = 0
    package var errorCode: ErrorCode = .none
    package var errorMessage: String?
    package var nodeID: Int32 = 0
    package var host = ""
    package var port: Int32 = 0
    package var coordinators: [Coordinator] = []

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.int32("ThrottleTimeMs", &throttleTimeMs, since: 1)
        w.errorCode("ErrorCode", &errorCode, through: 3)
        w.nullableString("ErrorMessage", &errorMessage, since: 1, through: 3)
        w.int32("NodeId", &nodeID, through: 3)
        w.string("Host", &host, through: 3)
        w.int32("Port", &port, through: 3)
        w.array("Coordinators", &coordinators, since: 4)
    }

    package struct Coordinator: WireStruct {
        package var key = ""
        package var nodeID: Int32 = 0
        package var host = ""
        package var port: Int32 = 0
        package var errorCode: ErrorCode = .none
        package var errorMessage: String?

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.string("Key", &key)
            w.int32("NodeId", &nodeID)
            w.string("Host", &host)
            w.int32("Port", &port)
            w.errorCode("ErrorCode", &errorCode)
            w.nullableString("ErrorMessage", &errorMessage)
        }
    }
}
