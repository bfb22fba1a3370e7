// OffsetDelete (key 47) forgets offsets that a group has committed (KIP-496).
//
// There is no flexible version.

package struct OffsetDeleteRequest: WireStruct {
    package var groupID = ""
    package var topics: [OffsetDeleteRequestTopic] = []

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.string("GroupId", &groupID)
        w.array("Topics", &topics)
    }

    package struct OffsetDeleteRequestTopic: WireStruct {
        package var name = ""
        package var partitions: [OffsetDeleteRequestPartition] = []

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.string("Name", &name)
            w.array("Partitions", &partitions)
        }
    }

    package struct OffsetDeleteRequestPartition: WireStruct {
        package var partitionIndex: Int32 = 0

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.int32("PartitionIndex", &partitionIndex)
        }
    }
}

package struct OffsetDeleteResponse: WireStruct {
    package var errorCode: ErrorCode = .none
    package var throttleTimeMs: Int32 = 0
    package var topics: [OffsetDeleteResponseTopic] = []

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.errorCode("ErrorCode", &errorCode)
        w.int32("ThrottleTimeMs", &throttleTimeMs)
        w.array("Topics", &topics)
    }

    package struct OffsetDeleteResponseTopic: WireStruct {
        package var name = ""
        package var partitions: [OffsetDeleteResponsePartition] = []

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.string("Name", &name)
            w.array("Partitions", &partitions)
        }
    }

    package struct OffsetDeleteResponsePartition: WireStruct {
        package var partitionIndex: Int32 = 0
        package var errorCode: ErrorCode = .none

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.int32("PartitionIndex", &partitionIndex)
            w.errorCode("ErrorCode", &errorCode)
        }
    }
}
