// ListOffsets (key 2) finds offsets by timestamp; -1 asks for the end of a partition, -2 for its start.
//
// v0 lists segments' offsets; v1 one offset with its timestamp (KIP-79); v2 isolation level; v4 leader epochs
// (KIP-320); v6 flexible; v7 -3, the highest timestamp (KIP-734); v8 -4, the earliest local offset (KIP-405);
// v9 -5, the last tiered offset (KIP-1005); v10 timeout for remote reads (KIP-1075); v11 -6, the earliest offset that
// is not yet tiered (KIP-1023).

package struct ListOffsetsRequest: WireStruct {
    package var replicaID: Int32 = 0
    package var isolationLevel: Int8 = 0
    package var topics: [ListOffsetsTopic] = []
    package var timeoutMs: Int32 = 0

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.int32("ReplicaId", &replicaID)
        w.int8("IsolationLevel", &isolationLevel, since: 2)
        w.array("Topics", &topics)
        w.int32("TimeoutMs", &timeoutMs, since: 10)
    }

    package struct ListOffsetsTopic: WireStruct {
        package var name = ""
        package var partitions: [ListOffsetsPartition] = []

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.string("Name", &name)
            w.array("Partitions", &partitions)
        }
    }

    package struct ListOffsetsPartition: WireStruct {
        package var partitionIndex: Int32 = 0
        package var currentLeaderEpoch: Int32 = -1
        package var timestamp: Int64 = 0
        package var maxNumOffsets: Int32 = 1

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.int32("PartitionIndex", &partitionIndex)
            w.int32("CurrentLeaderEpoch", &currentLeaderEpoch, since: 4)
            w.int64("Timestamp", &timestamp)
            w.int32("MaxNumOffsets", &maxNumOffsets, through: 0)
        }
    }
}

package struct ListOffsetsResponse: WireStruct {
    package var throttleTimeMs: Int32 = 0
    package var topics: [ListOffsetsTopicResponse] = []

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.int32("ThrottleTimeMs", &throttleTimeMs, since: 2)
        w.array("Topics", &topics)
    }

    package struct ListOffsetsTopicResponse: WireStruct {
        package var name = ""
        package var partitions: [ListOffsetsPartitionResponse] = []

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.string("Name", &name)
            w.array("Partitions", &partitions)
        }
    }

    package struct ListOffsetsPartitionResponse: WireStruct {
        package var partitionIndex: Int32 = 0
        package var errorCode: ErrorCode = .none
        package var oldStyleOffsets: [Int64] = []
        package var timestamp: Int64 = -1
        package var offset: Int64 = -1
        package var leaderEpoch: Int32 = -1

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.int32("PartitionIndex", &partitionIndex)
            w.errorCode("ErrorCode", &errorCode)
            w.array("OldStyleOffsets", &oldStyleOffsets, through: 0)
            w.int64("Timestamp", &timestamp, since: 1)
            w.int64("Offset", &offset, since: 1)
            w.int32("LeaderEpoch", &leaderEpoch, since: 4)
        }
    }
}
