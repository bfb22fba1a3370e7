// OffsetFetch (key 9) asks how far groups have read.
//
// v0 read from ZooKeeper, v1 from the coordinator; v2 null asks for every topic; v5 leader epochs; v6 flexible;
// v7 only stable offsets (KIP-447); v8 many groups at once (KIP-709); v9 member id and epoch (KIP-848);
// v10 topics by id.

package struct OffsetFetchRequest: WireStruct {
    package var groupID = ""
    package var topics: [OffsetFetchRequestTopic]?
    package var groups: [OffsetFetchRequestGroup] = []
    package var requireStable = false

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.string("GroupId", &groupID, through: 7)
        w.nullableArray("Topics", &topics, through: 7, nullableSince: 2)
        w.array("Groups", &groups, since: 8)
        w.bool("RequireStable", &requireStable, since: 7)
    }

    package struct OffsetFetchRequestTopic: WireStruct {
        package var name = ""
        package var partitionIndexes: [Int32] = []

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.string("Name", &name)
            w.array("PartitionIndexes", &partitionIndexes)
        }
    }

    package struct OffsetFetchRequestGroup: WireStruct {
        package var groupID = ""
        package var memberID: String?
        package var memberEpoch: Int32 = -1
        package var topics: [OffsetFetchRequestTopics]?

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.string("GroupId", &groupID)
            w.nullableString("MemberId", &memberID, since: 9)
            w.int32("MemberEpoch", &memberEpoch, since: 9)
            w.nullableArray("Topics", &topics)
        }
    }

    package struct OffsetFetchRequestTopics: WireStruct {
        package var name = ""
        package var topicID: TopicID = .zero
        package var partitionIndexes: [Int32] = []

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.string("Name", &name, through: 9)
            w.uuid("TopicId", &topicID, since: 10)
            w.array("PartitionIndexes", &partitionIndexes)
        }
    }
}

package struct OffsetFetchResponse: WireStruct {
    package var throttleTimeMs: Int32 = 0
    package var topics: [OffsetFetchResponseTopic] = []
    package var errorCode: ErrorCode = .none
    package var groups: [OffsetFetchResponseGroup] = []

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.int32("ThrottleTimeMs", &throttleTimeMs, since: 3)
        w.array("Topics", &topics, through: 7)
        w.errorCode("ErrorCode", &errorCode, since: 2, through: 7)
        w.array("Groups", &groups, since: 8)
    }

    package struct OffsetFetchResponseTopic: WireStruct {
        package var name = ""
        package var partitions: [OffsetFetchResponsePartition] = []

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.string("Name", &name)
            w.array("Partitions", &partitions)
        }
    }

    package struct OffsetFetchResponsePartition: WireStruct {
        package var partitionIndex: Int32 = 0
        package var committedOffset: Int64 = 0
        package var committedLeaderEpoch: Int32 = -1
        package var metadata: String?
        package var errorCode: ErrorCode = .none

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.int32("PartitionIndex", &partitionIndex)
            w.int64("CommittedOffset", &committedOffset)
            w.int32("CommittedLeaderEpoch", &committedLeaderEpoch, since: 5)
            w.nullableString("Metadata", &metadata)
            w.errorCode("ErrorCode", &errorCode)
        }
    }

    package struct OffsetFetchResponseGroup: WireStruct {
        package var groupID = ""
        package var topics: [OffsetFetchResponseTopics] = []
        package var errorCode: ErrorCode = .none

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.string("GroupId", &groupID)
            w.array("Topics", &topics)
            w.errorCode("ErrorCode", &errorCode)
        }
    }

    package struct OffsetFetchResponseTopics: WireStruct {
        package var name = ""
        package var topicID: TopicID = .zero
        package var partitions: [OffsetFetchResponsePartitions] = []

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.string("Name", &name, through: 9)
            w.uuid("TopicId", &topicID, since: 10)
            w.array("Partitions", &partitions)
        }
    }

    package struct OffsetFetchResponsePartitions: WireStruct {
        package var partitionIndex: Int32 = 0
        package var committedOffset: Int64 = 0
        package var committedLeaderEpoch: Int32 = -1
        package var metadata: String?
        package var errorCode: ErrorCode = .none

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.int32("PartitionIndex", &partitionIndex)
            w.int64("CommittedOffset", &committedOffset)
            w.int32("CommittedLeaderEpoch", &committedLeaderEpoch)
            w.nullableString("Metadata", &metadata)
            w.errorCode("ErrorCode", &errorCode)
        }
    }
}
