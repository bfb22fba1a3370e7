// InitProducerId (key 22) hands out a producer id, and fences earlier producers of a transactional id.
//
// v2 flexible; v3 raises the epoch of a known producer (KIP-360); v4 PRODUCER_FENCED (KIP-588);
// v5 TRANSACTION_ABORTABLE (KIP-890); v6 two-phase commit (KIP-939), which Kafka does not offer yet.

package struct InitProducerIdRequest: WireStruct {
    package var transactionalID: String?
    package var transactionTimeoutMs: Int32 = 0
    package var producerID: Int64 = -1
    package var producerEpoch: Int16 = -1
    package var enable2Pc = false
    package var keepPreparedTxn = false

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.nullableString("TransactionalId", &transactionalID)
        w.int32("TransactionTimeoutMs", &transactionTimeoutMs)
        w.int64("ProducerId", &producerID, since: 3)
        w.int16("ProducerEpoch", &producerEpoch, since: 3)
        w.bool("Enable2Pc", &enable2Pc, since: 6)
        w.bool("KeepPreparedTxn", &keepPreparedTxn, since: 6)
    }
}

package struct InitProducerIdResponse: WireStruct {
    package var throttleTimeMs: Int32 = 0
    package var errorCode: ErrorCode = .none
    package var producerID: Int64 = -1
    package var producerEpoch: Int16 = 0
    package var ongoingTxnProducerID: Int64 = -1
    package var ongoingTxnProducerEpoch: Int16 = -1

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.int32("ThrottleTimeMs", &throttleTimeMs)
        w.errorCode("ErrorCode", &errorCode)
        w.int64("ProducerId", &producerID)
        w.int16("ProducerEpoch", &producerEpoch)
        w.int64("OngoingTxnProducerId", &ongoingTxnProducerID, since: 6)
        w.int16("OngoingTxnProducerEpoch", &ongoingTxnProducerEpoch, since: 6)
    }
}
