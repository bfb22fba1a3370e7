// OffsetForLeaderEpoch (key 23) asks where a leader epoch ended, to find out what was truncated (KIP-320).
//
// v2 the leader epoch that the client believes in; v3 replica id; v4 flexible.

package struct OffsetForLeaderEpochRequest: WireStruct {
    package var replicaID: Int32 = -2
    package var topics: [OffsetForLeaderTopic] = []

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.int32("ReplicaId", &replicaID, since: 3)
        w.array("Topics", &topics)
    }

    package struct OffsetForLeaderTopic: WireStruct {
        package var topic = ""
        package var partitions: [OffsetForLeaderPartition] = []

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.string("Topic", &topic)
            w.array("Partitions", &partitions)
        }
    }

    package struct OffsetForLeaderPartition: WireStruct {
        package var partition: Int32 = 0
        package var currentLeaderEpoch: Int32 = -1
        package var leaderEpoch: Int32 = 0

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.int32("Partition", &partition)
            w.int32("CurrentLeaderEpoch", &currentLeaderEpoch)
            w.int32("LeaderEpoch", &leaderEpoch)
        }
    }
}

package struct OffsetForLeaderEpochResponse: WireStruct {
    package var throttleTimeMs: Int32 = 0
    package var topics: [OffsetForLeaderTopicResult] = []

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.int32("ThrottleTimeMs", &throttleTimeMs)
        w.array("Topics", &topics)
    }

    package struct OffsetForLeaderTopicResult: WireStruct {
        package var topic = ""
        package var partitions: [EpochEndOffset] = []

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.string("Topic", &topic)
            w.array("Partitions", &partitions)
        }
    }

    package struct EpochEndOffset: WireStruct {
        package var errorCode: ErrorCode = .none
        package var partition: Int32 = 0
        package var leaderEpoch: Int32 = -1
        package var endOffset: Int64 = -1

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.errorCode("ErrorCode", &errorCode)
            w.int32("Partition", &partition)
            w.int32("LeaderEpoch", &leaderEpoch)
            w.int64("EndOffset", &endOffset)
        }
    }
}
