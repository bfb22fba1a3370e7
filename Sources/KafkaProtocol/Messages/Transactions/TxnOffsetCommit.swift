// TxnOffsetCommit (key 28) stores a group's offsets as part of a transaction (KIP-98).
//
// v2 leader epochs; v3 flexible, member and generation (KIP-447); v4 TRANSACTION_ABORTABLE; v5 the group joins the
// transaction implicitly (KIP-890).

package struct TxnOffsetCommitRequest: WireStruct {
    package var transactionalID = ""
    package var groupID = ""
    package var producerID: Int64 = 0
    package var producerEpoch: Int16 = 0
    package var generationID: Int32 = -1
    package var memberID = ""
    package var groupInstanceID: String?
    package var topics: [TxnOffsetCommitRequestTopic] = []

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.string("TransactionalId", &transactionalID)
        w.string("GroupId", &groupID)
        w.int64("ProducerId", &producerID)
        w.int16("ProducerEpoch", &producerEpoch)
        w.int32("GenerationId", &generationID, since: 3)
        w.string("MemberId", &memberID, since: 3)
        w.nullableString("GroupInstanceId", &groupInstanceID, since: 3)
        w.array("Topics", &topics)
    }

    package struct TxnOffsetCommitRequestTopic: WireStruct {
        package var name = ""
        package var partitions: [TxnOffsetCommitRequestPartition] = []

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.string("Name", &name)
            w.array("Partitions", &partitions)
        }
    }

    package struct TxnOffsetCommitRequestPartition: WireStruct {
        package var partitionIndex: Int32 = 0
        package var committedOffset: Int64 = 0
        package var committedLeaderEpoch: Int32 = -1
        package var committedMetadata: String?

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.int32("PartitionIndex", &partitionIndex)
            w.int64("CommittedOffset", &committedOffset)
            w.int32("CommittedLeaderEpoch", &committedLeaderEpoch, since: 2)
            w.nullableString("CommittedMetadata", &committedMetadata)
        }
    }
}

package struct TxnOffsetCommitResponse: WireStruct {
    package var throttleTimeMs: Int32 = 0
    package var topics: [TxnOffsetCommitResponseTopic] = []

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.int32("ThrottleTimeMs", &throttleTimeMs)
        w.array("Topics", &topics)
    }

    package struct TxnOffsetCommitResponseTopic: WireStruct {
        package var name = ""
        package var partitions: [TxnOffsetCommitResponsePartition] = []

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.string("Name", &name)
            w.array("Partitions", &partitions)
        }
    }

    package struct TxnOffsetCommitResponsePartition: WireStruct {
        package var partitionIndex: Int32 = 0
        package var errorCode: ErrorCode = .none

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.int32("PartitionIndex", &partitionIndex)
            w.errorCode("ErrorCode", &errorCode)
        }
    }
}
