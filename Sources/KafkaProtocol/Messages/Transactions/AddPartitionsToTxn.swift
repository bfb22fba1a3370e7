// AddPartitionsToTxn (key 24) makes partitions part of a transaction (KIP-98).
//
// v3 flexible; v4 many transactions at once, between brokers only (KIP-890): clients stay at v3 and its fields;
// v5 TRANSACTION_ABORTABLE.

package struct AddPartitionsToTxnRequest: WireStruct {
    package var transactions: [AddPartitionsToTxnTransaction] = []
    package var v3AndBelowTransactionalID = ""
    package var v3AndBelowProducerID: Int64 = 0
    package var v3AndBelowProducerEpoch: Int16 = 0
    package var v3AndBelowTopics: [AddPartitionsToTxnTopic] = []

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.array("Transactions", &transactions, since: 4)
        w.string("V3AndBelowTransactionalId", &v3AndBelowTransactionalID, through: 3)
        w.int64("V3AndBelowProducerId", &v3AndBelowProducerID, through: 3)
        w.int16("V3AndBelowProducerEpoch", &v3AndBelowProducerEpoch, through: 3)
        w.array("V3AndBelowTopics", &v3AndBelowTopics, through: 3)
    }

    package struct AddPartitionsToTxnTransaction: WireStruct {
        package var transactionalID = ""
        package var producerID: Int64 = 0
        package var producerEpoch: Int16 = 0
        package var verifyOnly = false
        package var topics: [AddPartitionsToTxnTopic] = []

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.string("TransactionalId", &transactionalID)
            w.int64("ProducerId", &producerID)
            w.int16("ProducerEpoch", &producerEpoch)
            w.bool("VerifyOnly", &verifyOnly)
            w.array("Topics", &topics)
        }
    }

    package struct AddPartitionsToTxnTopic: WireStruct {
        package var name = ""
        package var partitions: [Int32] = []

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.string("Name", &name)
            w.array("Partitions", &partitions)
        }
    }
}

package struct AddPartitionsToTxnResponse: WireStruct {
    package var throttleTimeMs: Int32 = 0
    package var errorCode: ErrorCode = .none
    package var resultsByTransaction: [AddPartitionsToTxnResult] = []
    package var resultsByTopicV3AndBelow: [AddPartitionsToTxnTopicResult] = []

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.int32("ThrottleTimeMs", &throttleTimeMs)
        w.errorCode("ErrorCode", &errorCode, since: 4)
        w.array("ResultsByTransaction", &resultsByTransaction, since: 4)
        w.array("ResultsByTopicV3AndBelow", &resultsByTopicV3AndBelow, through: 3)
    }

    package struct AddPartitionsToTxnResult: WireStruct {
        package var transactionalID = ""
        package var topicResults: [AddPartitionsToTxnTopicResult] = []

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.string("TransactionalId", &transactionalID)
            w.array("TopicResults", &topicResults)
        }
    }

    package struct AddPartitionsToTxnTopicResult: WireStruct {
        package var name = ""
        package var resultsByPartition: [AddPartitionsToTxnPartitionResult] = []

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.string("Name", &name)
            w.array("ResultsByPartition", &resultsByPartition)
        }
    }

    package struct AddPartitionsToTxnPartitionResult: WireStruct {
        package var partitionIndex: Int32 = 0
        package var partitionErrorCode: ErrorCode = .none

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.int32("PartitionIndex", &partitionIndex)
            w.errorCode("PartitionErrorCode", &partitionErrorCode)
        }
    }
}
