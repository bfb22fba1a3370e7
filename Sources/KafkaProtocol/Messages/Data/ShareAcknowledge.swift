// ShareAcknowledge (key 79) acknowledges records for a member of a share group (KIP-932).
//
// v2 renewal of acquisition locks (KIP-1222). v0 was the early access of Kafka 4.0 and is gone.

package struct ShareAcknowledgeRequest: WireStruct {
    package var groupID: String?
    package var memberID: String?
    package var shareSessionEpoch: Int32 = 0
    package var isRenewAck = false
    package var topics: [AcknowledgeTopic] = []

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.nullableString("GroupId", &groupID)
        w.nullableString("MemberId", &memberID)
        w.int32("ShareSessionEpoch", &shareSessionEpoch)
        w.bool("IsRenewAck", &isRenewAck, since: 2)
        w.array("Topics", &topics)
    }

    package struct AcknowledgeTopic: WireStruct {
        package var topicID: TopicID = .zero
        package var partitions: [AcknowledgePartition] = []

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.uuid("TopicId", &topicID)
            w.array("Partitions", &partitions)
        }
    }

    package struct AcknowledgePartition: WireStruct {
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
}

package struct ShareAcknowledgeResponse: WireStruct {
    package var throttleTimeMs: Int32 = 0
    package var errorCode: ErrorCode = .none
    package var errorMessage: String?
    package var acquisitionLockTimeoutMs: Int32 = 0
    package var responses: [ShareAcknowledgeTopicResponse] = []
    package var nodeEndpoints: [NodeEndpoint] = []

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.int32("ThrottleTimeMs", &throttleTimeMs)
        w.errorCode("ErrorCode", &errorCode)
        w.nullableString("ErrorMessage", &errorMessage)
        w.int32("AcquisitionLockTimeoutMs", &acquisitionLockTimeoutMs, since: 2)
        w.array("Responses", &responses)
        w.array("NodeEndpoints", &nodeEndpoints)
    }

    package struct ShareAcknowledgeTopicResponse: WireStruct {
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
        package var currentLeader = LeaderIdAndEpoch()

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.int32("PartitionIndex", &partitionIndex)
            w.errorCode("ErrorCode", &errorCode)
            w.nullableString("ErrorMessage", &errorMessage)
            w.structure("CurrentLeader", &currentLeader)
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
