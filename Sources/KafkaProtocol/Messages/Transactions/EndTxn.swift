// EndTxn (key 26) commits or aborts a transaction (KIP-98).
//
// v2 PRODUCER_FENCED (KIP-588); v3 flexible; v4 TRANSACTION_ABORTABLE; v5 the reply raises the epoch (KIP-890).

package struct EndTxnRequest: WireStruct {
    package var transactionalID = ""
    package var producerID: Int64 = 0
    package var producerEpoch: Int16 = 0
    package var committed = false

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.string("TransactionalId", &transactionalID)
        w.int64("ProducerId", &producerID)
        w.int16("ProducerEpoch", &producerEpoch)
        w.bool("Committed", &committed)
    }
}

package struct EndTxnResponse: WireStruct {
    package var throttleTimeMs: Int32 = 0
    package var errorCode: ErrorCode = .none
    package var producerID: Int64 = -1
    package var producerEpoch: Int16 = -1

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.int32("ThrottleTimeMs", &throttleTimeMs)
        w.errorCode("ErrorCode", &errorCode)
        w.int64("ProducerId", &producerID, since: 5)
        w.int16("ProducerEpoch", &producerEpoch, since: 5)
    }
}
