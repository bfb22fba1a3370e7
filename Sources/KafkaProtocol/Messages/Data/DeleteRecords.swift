// DeleteRecords (key 21) raises the start of partitions: what lies before is gone.
//
// v2 flexible.

package struct DeleteRecordsRequest: WireStruct {
    package var topics: [DeleteRecordsTopic] = []
    package var timeoutMs: Int32 = 0

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.array("Topics", &topics)
        w.int32("TimeoutMs", &timeoutMs)
    }

    package struct DeleteRecordsTopic: WireStruct {
        package var name = ""
        package var partitions: [DeleteRecordsPartition] = []

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.string("Name", &name)
            w.array("Partitions", &partitions)
        }
    }

    package struct DeleteRecordsPartition: WireStruct {
        package var partitionIndex: Int32 = 0
        package var offset: Int64 = 0

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.int32("PartitionIndex", &partitionIndex)
            w.int64("Offset", &offset)
        }
    }
}

package struct DeleteRecordsResponse: WireStruct {
    package var throttleTimeMs: Int32 = 0
    package var topics: [DeleteRecordsTopicResult] = []

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.int32("ThrottleTimeMs", &throttleTimeMs)
        w.array("Topics", &topics)
    }

    package struct DeleteRecordsTopicResult: WireStruct {
        package var name = ""
        package var partitions: [DeleteRecordsPartitionResult] = []

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.string("Name", &name)
            w.array("Partitions", &partitions)
        }
    }

    package struct DeleteRecordsPartitionResult: WireStruct {
        package var partitionIndex: Int32 = 0
        package var lowWatermark: Int64 = 0
        package var errorCode: ErrorCode = .none

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.int32("PartitionIndex", &partitionIndex)
            w.int64("LowWatermark", &lowWatermark)
            w.errorCode("ErrorCode", &errorCode)
        }
    }
}
