package import NIOCore

// Produce (key 0) appends record batches to partitions.
//
// v4 KAFKA_STORAGE_ERROR; v5 log start offset in the reply; v6 throttled replies come at once (KIP-219);
// v7 zstd; v8 errors per record (KIP-467); v9 flexible; v10 the current leader comes with NOT_LEADER_OR_FOLLOWER
// (KIP-951); v11 TRANSACTION_ABORTABLE (KIP-890); v12 partitions join the transaction implicitly (KIP-890);
// v13 topics by id (KIP-516). v0 to v2 carried message sets and are gone since Kafka 4.

package struct ProduceRequest: WireStruct {
    package var transactionalID: String?
    package var acks: Int16 = 0
    package var timeoutMs: Int32 = 0
    package var topicData: [TopicProduceData] = []

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.nullableString("TransactionalId", &transactionalID)
        w.int16("Acks", &acks)
        w.int32("TimeoutMs", &timeoutMs)
        w.array("TopicData", &topicData)
    }

    package struct TopicProduceData: WireStruct {
        package var name = ""
        package var topicID: TopicID = .zero
        package var partitionData: [PartitionProduceData] = []

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.string("Name", &name, through: 12)
            w.uuid("TopicId", &topicID, since: 13)
            w.array("PartitionData", &partitionData)
        }
    }

    package struct PartitionProduceData: WireStruct {
        package var index: Int32 = 0
        package var records: ByteBuffer?

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.int32("Index", &index)
            w.records("Records", &records)
        }
    }
}

package struct ProduceResponse: WireStruct {
    package var responses: [TopicProduceResponse] = []
    package var throttleTimeMs: Int32 = 0
    package var nodeEndpoints: [NodeEndpoint] = []

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.array("Responses", &responses)
        w.int32("ThrottleTimeMs", &throttleTimeMs)
    }

    package mutating func wireTags(_ w: inout some WireCoder) {
        w.tag(0, "NodeEndpoints", &nodeEndpoints, since: 10)
    }

    package struct TopicProduceResponse: WireStruct {
        package var name = ""
        package var topicID: TopicID = .zero
        package var partitionResponses: [PartitionProduceResponse] = []

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.string("Name", &name, through: 12)
            w.uuid("TopicId", &topicID, since: 13)
            w.array("PartitionResponses", &partitionResponses)
        }
    }

    package struct PartitionProduceResponse: WireStruct {
        package var index: Int32 = 0
        package var errorCode: ErrorCode = .none
        package var baseOffset: Int64 = 0
        package var logAppendTimeMs: Int64 = -1
        package var logStartOffset: Int64 = -1
        package var recordErrors: [BatchIndexAndErrorMessage] = []
        package var errorMessage: String?
        package var currentLeader = LeaderIdAndEpoch()

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.int32("Index", &index)
            w.errorCode("ErrorCode", &errorCode)
            w.int64("BaseOffset", &baseOffset)
            w.int64("LogAppendTimeMs", &logAppendTimeMs)
            w.int64("LogStartOffset", &logStartOffset, since: 5)
            w.array("RecordErrors", &recordErrors, since: 8)
            w.nullableString("ErrorMessage", &errorMessage, since: 8)
        }

        package mutating func wireTags(_ w: inout some WireCoder) {
            w.tag(0, "CurrentLeader", &currentLeader, since: 10)
        }
    }

    package struct BatchIndexAndErrorMessage: WireStruct {
        package var batchIndex: Int32 = 0
        package var batchIndexErrorMessage: String?

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.int32("BatchIndex", &batchIndex)
            w.nullableString("BatchIndexErrorMessage", &batchIndexErrorMessage)
        }
    }

    package struct LeaderIdAndEpoch: WireStruct {
        package var leaderID: Int32 = -1
        package var leaderEpoch: Int32 = -1

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.int32("LeaderId", &leaderID)
            w.int32("LeaderEpoch", &leaderEpoch)
        }
    }

    package struct NodeEndpoint: WireStruct {
        package var nodeID: Int32 = 0
        package var host = ""
        package var port: Int32 = 0
        package var rack: String?

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.int32("NodeId", &nodeID)
            w.string("Host", &host)
            w.int32("Port", &port)
            w.nullableString("Rack", &rack)
        }
    }
}
