// DescribeTransactions (key 65) shows the state of transactional ids (KIP-664).

package struct DescribeTransactionsRequest: WireStruct {
    package var transactionalIDs: [String] = []

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.array("TransactionalIds", &transactionalIDs)
    }
}

package struct DescribeTransactionsResponse: WireStruct {
    package var throttleTimeMs: Int32 = 0
    package var transactionStates: [TransactionState] = []

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.int32("ThrottleTimeMs", &throttleTimeMs)
        w.array("TransactionStates", &transactionStates)
    }

    package struct TransactionState: WireStruct {
        package var errorCode: ErrorCode = .none
        package var transactionalID = ""
        package var transactionState = ""
        package var transactionTimeoutMs: Int32 = 0
        package var transactionStartTimeMs: Int64 = 0
        package var producerID: Int64 = 0
        package var producerEpoch: Int16 = 0
        package var topics: [TopicData] = []

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.errorCode("ErrorCode", &errorCode)
            w.string("TransactionalId", &transactionalID)
            w.string("TransactionState", &transactionState)
            w.int32("TransactionTimeoutMs", &transactionTimeoutMs)
            w.int64("TransactionStartTimeMs", &transactionStartTimeMs)
            w.int64("ProducerId", &producerID)
            w.int16("ProducerEpoch", &producerEpoch)
            w.array("Topics", &topics)
        }
    }

    package struct TopicData: WireStruct {
        package var topic = ""
        package var partitions: [Int32] = []

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.string("Topic", &topic)
            w.array("Partitions", &partitions)
        }
    }
}
