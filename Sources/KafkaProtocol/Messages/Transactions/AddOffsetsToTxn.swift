// AddOffsetsToTxn (key 25) makes a group's offsets part of a transaction (KIP-98).
//
// v2 PRODUCER_FENCED (KIP-588); v3 flexible; v4 TRANSACTION_ABORTABLE (KIP-890).

package struct AddOffsetsToTxnRequest: WireStruct {
    package var transactionalID = ""
    package var producerID: Int64 = 0
    package var producerEpoch: Int16 = 0
    package var groupID = ""

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.string("TransactionalId", &transactionalID)
        w.int64("ProducerId", &producerID)
        w.int16("ProducerEpoch", &producerEpoch)
        w.string("GroupId", &groupID)
    }
}

package struct AddOffsetsToTxnResponse: WireStruct {
    package var throttleTimeMs: Int32 = 0
    package var errorCode: ErrorCode = .none

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.int32("ThrottleTimeMs", &throttleTimeMs)
        w.errorCode("ErrorCode", &errorCode)
    }
}
