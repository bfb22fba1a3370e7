package import NIOCore

// Fetch (key 1) reads record batches from partitions, waiting for new ones if there are too few.
//
// v4 isolation level and aborted transactions (KIP-98); v5 log start offset; v7 incremental sessions (KIP-227);
// v9 leader epoch fencing (KIP-320); v10 zstd; v11 rack, preferred read replica (KIP-392); v12 flexible, diverging
// epochs (KIP-595); v13 topics by id (KIP-516); v14 OFFSET_MOVED_TO_TIERED_STORAGE (KIP-405); v15 replica state
// (KIP-903); v16 endpoints of current leaders (KIP-951); v17 directory id (KIP-853); v18 high watermark of the
// fetcher (KIP-1166).

package struct FetchRequest: WireStruct {
    package var clusterID: String?
    package var replicaID: Int32 = -1
    package var replicaState = ReplicaState()
    package var maxWaitMs: Int32 = 0
    package var minBytes: Int32 = 0
    package var maxBytes: Int32 = .max
    package var isolationLevel: Int8 = 0
    package var sessionID: Int32 = 0
    package var sessionEpoch: Int32 = -1
    package var topics: [FetchTopic] = []
    package var forgottenTopicsData: [ForgottenTopic] = []
    package var rackID = ""

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.int32("ReplicaId", &replicaID, through: 14)
        w.int32("MaxWaitMs", &maxWaitMs)
        w.int32("MinBytes", &minBytes)
        w.int32("MaxBytes", &maxBytes)
        w.int8("IsolationLevel", &isolationLevel)
        w.int32("SessionId", &sessionID, since: 7)
        w.int32("SessionEpoch", &sessionEpoch, since: 7)
        w.array("Topics", &topics)
        w.array("ForgottenTopicsData", &forgottenTopicsData, since: 7)
        w.string("RackId", &rackID, since: 11)
    }

    package mutating func wireTags(_ w: inout some WireCoder) {
        w.tag(0, "ClusterId", &clusterID, since: 12)
        w.tag(1, "ReplicaState", &replicaState, since: 15)
    }

    package struct ReplicaState: WireStruct {
        package var replicaID: Int32 = -1
        package var replicaEpoch: Int64 = -1

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.int32("ReplicaId", &replicaID)
            w.int64("ReplicaEpoch", &replicaEpoch)
        }
    }

    package struct FetchTopic: WireStruct {
        package var topic = ""
        package var topicID: TopicID = .zero
        package var partitions: [FetchPartition] = []

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.string("Topic", &topic, through: 12)
            w.uuid("TopicId", &topicID, since: 13)
            w.array("Partitions", &partitions)
        }
    }

    package struct FetchPartition: WireStruct {
        package var partition: Int32 = 0
        package var currentLeaderEpoch: Int32 = -1
        package var fetchOffset: Int64 = 0
        package var lastFetchedEpoch: Int32 = -1
        package var logStartOffset: Int64 = -1
        package var partitionMaxBytes: Int32 = 0
        package var replicaDirectoryID: UniqueID = .zero
        package var highWatermark: Int64 = .max

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.int32("Partition", &partition)
            w.int32("CurrentLeaderEpoch", &currentLeaderEpoch, since: 9)
            w.int64("FetchOffset", &fetchOffset)
            w.int32("LastFetchedEpoch", &lastFetchedEpoch, since: 12)
            w.int64("LogStartOffset", &logStartOffset, since: 5)
            w.int32("PartitionMaxBytes", &partitionMaxBytes)
        }

        package mutating func wireTags(_ w: inout some WireCoder) {
            w.tag(0, "ReplicaDirectoryId", &replicaDirectoryID, since: 17)
            w.tag(1, "HighWatermark", &highWatermark, since: 18, default: .max)
        }
    }

    package struct ForgottenTopic: WireStruct {
        package var topic = ""
        package var topicID: TopicID = .zero
        package var partitions: [Int32] = []

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.string("Topic", &topic, through: 12)
            w.uuid("TopicId", &topicID, since: 13)
            w.array("Partitions", &partitions)
        }
    }
}

package struct FetchResponse: WireStruct {
    package var throttleTimeMs: Int32 = 0
    package var errorCode: ErrorCode = .none
    package var sessionID: Int32 = 0
    package var responses: [FetchableTopicResponse] = []
    package var nodeEndpoints: [NodeEndpoint] = []

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.int32("ThrottleTimeMs", &throttleTimeMs)
        w.errorCode("ErrorCode", &errorCode, since: 7)
        w.int32("SessionId", &sessionID, since: 7)
        w.array("Responses", &responses)
    }

    package mutating func wireTags(_ w: inout some WireCoder) {
        w.tag(0, "NodeEndpoints", &nodeEndpoints, since: 16)
    }

    package struct FetchableTopicResponse: WireStruct {
        package var topic = ""
        package var topicID: TopicID = .zero
        package var partitions: [PartitionData] = []

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.string("Topic", &topic, through: 12)
            w.uuid("TopicId", &topicID, since: 13)
            w.array("Partitions", &partitions)
        }
    }

    package struct PartitionData: WireStruct {
        package var partitionIndex: Int32 = 0
        package var errorCode: ErrorCode = .none
        package var highWatermark: Int64 = 0
        package var lastStableOffset: Int64 = -1
        package var logStartOffset: Int64 = -1
        package var divergingEpoch = EpochEndOffset()
        package var currentLeader = LeaderIdAndEpoch()
        package var snapshotID = SnapshotId()
        package var abortedTransactions: [AbortedTransaction]?
        package var preferredReadReplica: Int32 = -1
        package var records: ByteBuffer?

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.int32("PartitionIndex", &partitionIndex)
            w.errorCode("ErrorCode", &errorCode)
            w.int64("HighWatermark", &highWatermark)
            w.int64("LastStableOffset", &lastStableOffset)
            w.int64("LogStartOffset", &logStartOffset, since: 5)
            w.nullableArray("AbortedTransactions", &abortedTransactions)
            w.int32("PreferredReadReplica", &preferredReadReplica, since: 11)
            w.records("Records", &records)
        }

        package mutating func wireTags(_ w: inout some WireCoder) {
            w.tag(0, "DivergingEpoch", &divergingEpoch, since: 12)
            w.tag(1, "CurrentLeader", &currentLeader, since: 12)
            w.tag(2, "SnapshotId", &snapshotID, since: 12)
        }
    }

    package struct EpochEndOffset: WireStruct {
        package var epoch: Int32 = -1
        package var endOffset: Int64 = -1

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.int32("Epoch", &epoch)
            w.int64("EndOffset", &endOffset)
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

    package struct SnapshotId: WireStruct {
        package var endOffset: Int64 = -1
        package var epoch: Int32 = -1

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.int64("EndOffset", &endOffset)
            w.int32("Epoch", &epoch)
        }
    }

    package struct AbortedTransaction: WireStruct {
        package var producerID: Int64 = 0
        package var firstOffset: Int64 = 0

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.int64("ProducerId", &producerID)
            w.int64("FirstOffset", &firstOffset)
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
