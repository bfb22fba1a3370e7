// OffsetCommit (key 8) stores how far a group has read.
//
// v1 generation, member, commit time; v2 retention instead of the commit time; v5 no retention (KIP-211); v6 leader
// epochs; v7 static members (KIP-345); v8 flexible; v9 member epochs and their errors (KIP-848); v10 topics by id.

package struct OffsetCommitRequest: WireStruct {
    package var groupID = ""
    package var generationIDOrMemberEpoch: Int32 = -1
    package var memberID = ""
    package var groupInstanceID: String?
    package var retentionTimeMs: Int64 = -1
    package var topics: [OffsetCommitRequestTopic] = []

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.string("GroupId", &groupID)
        w.int32("GenerationIdOrMemberEpoch", &generationIDOrMemberEpoch, since: 1)
        w.string("MemberId", &memberID, since: 1)
        w.nullableString("GroupInstanceId", &groupInstanceID, since: 7)
        w.int64("RetentionTimeMs", &retentionTimeMs, since: 2, through: 4)
        w.array("Topics", &topics)
    }

    package struct OffsetCommitRequestTopic: WireStruct {
        package var name = ""
        package var topicID: TopicID = .zero
        package var partitions: [OffsetCommitRequestPartition] = []

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.string("Name", &name, through: 9)
            w.uuid("TopicId", &topicID, since: 10)
            w.array("Partitions", &partitions)
        }
    }

    package struct OffsetCommitRequestPartition: WireStruct {
        package var partitionIndex: Int32 = 0
        package var committedOffset: Int64 = 0
        package var committedLeaderEpoch: Int32 = -1
        package var commitTimestamp: Int64 = -1
        package var committedMetadata: String?

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.int32("PartitionIndex", &partitionIndex)
            w.int64("CommittedOffset", &committedOffset)
            w.int32("CommittedLeaderEpoch", &committedLeaderEpoch, since: 6)
            w.int64("CommitTimestamp", &commitTimestamp, since: 1, through: 1)
            w.nullableString("CommittedMetadata", &committedMetadata)
        }
    }
}

package struct OffsetCommitResponse: WireStruct {
    package var throttleTimeMs: Int32 = 0
    package var topics: [OffsetCommitResponseTopic] = []

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.int32("ThrottleTimeMs", &throttleTimeMs, since: 3)
        w.array("Topics", &topics)
    }

    package struct OffsetCommitResponseTopic: WireStruct {
        package var name = ""
        package var topicID: TopicID = .zero
        package var partitions: [OffsetCommitResponsePartition] = []

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.string("Name", &name, through: 9)
            w.uuid("TopicId", &topicID, since: 10)
            w.array("Partitions", &partitions)
        }
    }

    package struct OffsetCommitResponsePartition: WireStruct {
        package var partitionIndex: Int32 = 0
        package var errorCode: ErrorCode = .none

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.int32("PartitionIndex", &partitionIndex)
            w.errorCode("ErrorCode", &errorCode)
        }
    }
}
