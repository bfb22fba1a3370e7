// ListTransactions (key 66) names the transactions that a broker coordinates (KIP-664).
//
// v1 only those older than a duration (KIP-994); v2 a pattern for transactional ids (KIP-1152).

package struct ListTransactionsRequest: WireStruct {
    package var stateFilters: [String] = []
    package var producerIDFilters: [Int64] = []
    package var durationFilter: Int64 = -1
    package var transactionalIDPattern: String?

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.array("StateFilters", &stateFilters)
        w.array("ProducerIdFilters", &producerIDFilters)
        w.int64("DurationFilter", &durationFilter, since: 1)
        w.nullableString("TransactionalIdPattern", &transactionalIDPattern, since: 2)
    }
}

package struct ListTransactionsResponse: WireStruct {
    package var throttleTimeMs: Int32 = 0
    package var errorCode: ErrorCode = .none
    package var unknownStateFilters: [String] = []
    package var transactionStates: [TransactionState] = []

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.int32("ThrottleTimeMs", &throttleTimeMs)
        w.errorCode("ErrorCode", &errorCode)
        w.array("UnknownStateFilters", &unknownStateFilters)
        w.array("TransactionStates", &transactionStates)
    }

    package struct TransactionState: WireStruct {
        package var transactionalID = ""
        package var producerID: Int64 = 0
        package var transactionState = ""

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.string("TransactionalId", &transactionalID)
            w.int64("ProducerId", &producerID)
            w.string("TransactionState", &transactionState)
        }
    }
}
