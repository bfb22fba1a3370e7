package import NIOCore

// ShareFetch (key 78) acquires records for a member of a share group and acknowledges earlier ones (KIP-932).
//
// v2 acquire mode (KIP-1206) and renewal of acquisition locks (KIP-1222). v0 was the early access of Kafka 4.0 and is
// gone.

package struct ShareFetchRequest: WireStruct {
    package var groupID: String?
    package var memberID: String?
    package var shareSessionEpoch: Int32 = 0
    package var maxWaitMs: Int32 = 0
    package var minBytes: Int32 = 0
    package var maxBytes: Int32 = .max
    package var maxRecords: Int32 = 0
    package var batchSize: Int32 = 0
    package var shareAcquireMode: Int8 = 0
    package var isRenewAck = false
    package var topics: [FetchTopic] = []
    package var forgottenTopicsData: [ForgottenTopic] = []

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.nullableString("GroupId", &groupID)
        w.nullableString("MemberId", &memberID)
        w.int32("ShareSessionEpoch", &shareSessionEpoch)
        w.int32("MaxWaitMs", &maxWaitMs)
        w.int32("MinBytes", &minBytes)
        w.int32("MaxBytes", &maxBytes)
        w.int32("MaxRecords", &maxRecords)
        w.int32("BatchSize", &batchSize)
        w.int8("ShareAcquireMode", &shareAcquireMode, since: 2)
        w.bool("IsRenewAck", &isRenewAck, since: 2)
        w.array("Topics", &topics)
        w.array("ForgottenTopicsData", &forgottenTopicsData)
    }

    package struct FetchTopic: WireStruct {
        package var topicID: TopicID = .zero
        package var partitions: [FetchPartition] = []

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.uuid("TopicId", &topicID)
            w.array("Partitions", &partitions)
        }
    }

    package struct FetchPartition: WireStruct {
        package var partitionIndex: Int32 = 0
        package var acknowledgementBatches: [AcknowledgementBatch] = []

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.int32("PartitionIndex", &partitionIndex)
            w.array("AcknowledgementBatches", &acknowledgementBatches)
        }
    }

    package struct AcknowledgementBatch: WireStruct {
        package var firstOffset: Int64 = 0
        package var lastOffset: Int64 = 0
        package var acknowledgeTypes: [Int8] = []

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.int64("FirstOffset", &firstOffset)
            w.int64("LastOffset", &lastOffset)
            w.array("AcknowledgeTypes", &acknowledgeTypes)
        }
    }

    package struct ForgottenTopic: WireStruct {
        package var topicID: TopicID = .zero
        package var partitions: [Int32] = []

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.uuid("TopicId", &topicID)
            w.array("Partitions", &partitions)
        }
    }
}

package struct ShareFetchResponse: WireStruct {
    package var throttleTimeMs: Int32 = 0
    package var errorCode: ErrorCode = .none
    package var errorMessage: String?
    package var acquisitionLockTimeoutMs: Int32 = 0
    package var responses: [ShareFetchableTopicResponse] = []
    package var nodeEndpoints: [NodeEndpoint] = []

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.int32("ThrottleTimeMs", &throttleTimeMs)
        w.errorCode("ErrorCode", &errorCode)
        w.nullableString("ErrorMessage", &errorMessage)
        w.int32("AcquisitionLockTimeoutMs", &acquisitionLockTimeoutMs)
        w.array("Responses", &responses)
        w.array("NodeEndpoints", &nodeEndpoints)
    }

    package struct ShareFetchableTopicResponse: WireStruct {
        package var topicID: TopicID = .zero
        package var partitions: [PartitionData] = []

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.uuid("TopicId", &topicID)
            w.array("Partitions", &partitions)
        }
    }

    package struct PartitionData: WireStruct {
        package var partitionIndex: Int32 = 0
        package var errorCode: ErrorCode = .none
        package var errorMessage: String?
        package var acknowledgeErrorCode: ErrorCode = .none
        package var acknowledgeErrorMessage: String?
        package var currentLeader = LeaderIdAndEpoch()
        package var records = ByteBuffer()
        package var acquiredRecords: [AcquiredRecords] = []

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.int32("PartitionIndex", &partitionIndex)
            w.errorCode("ErrorCode", &errorCode)
            w.nullableString("ErrorMessage", &errorMessage)
            w.errorCode("AcknowledgeErrorCode", &acknowledgeErrorCode)
            w.nullableString("AcknowledgeErrorMessage", &acknowledgeErrorMessage)
            w.structure("CurrentLeader", &currentLeader)
            w.bytes("Records", &records)
            w.array("AcquiredRecords", &acquiredRecords)
        }
    }

    package struct LeaderIdAndEpoch: WireStruct {
        package var leaderID: Int32 = 0
        package var leaderEpoch: Int32 = 0

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.int32("LeaderId", &leaderID)
            w.int32("LeaderEpoch", &leaderEpoch)
        }
    }

    package struct AcquiredRecords: WireStruct {
        package var firstOffset: Int64 = 0
        package var lastOffset: Int64 = 0
        package var deliveryCount: Int16 = 0

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.int64("FirstOffset", &firstOffset)
            w.int64("LastOffset", &lastOffset)
            w.int16("DeliveryCount", &deliveryCount)
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
