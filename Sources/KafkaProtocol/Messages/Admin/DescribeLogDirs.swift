// DescribeLogDirs (key 35) shows what a broker's log directories hold (KIP-113).
//
// v2 flexible; v3 an error for the whole reply; v4 sizes of the volume (KIP-827); v5 cordoned directories (KIP-1066).

package struct DescribeLogDirsRequest: WireStruct {
    package var topics: [DescribableLogDirTopic]?

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.nullableArray("Topics", &topics)
    }

    package struct DescribableLogDirTopic: WireStruct {
        package var topic = ""
        package var partitions: [Int32] = []

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.string("Topic", &topic)
            w.array("Partitions", &partitions)
        }
    }
}

package struct DescribeLogDirsResponse: WireStruct {
    package var throttleTimeMs: Int32 = 0
    package var errorCode: ErrorCode = .none
    package var results: [DescribeLogDirsResult] = []

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.int32("ThrottleTimeMs", &throttleTimeMs)
        w.errorCode("ErrorCode", &errorCode, since: 3)
        w.array("Results", &results)
    }

    package struct DescribeLogDirsResult: WireStruct {
        package var errorCode: ErrorCode = .none
        package var logDir = ""
        package var topics: [DescribeLogDirsTopic] = []
        package var totalBytes: Int64 = -1
        package var usableBytes: Int64 = -1
        package var isCordoned = false

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.errorCode("ErrorCode", &errorCode)
            w.string("LogDir", &logDir)
            w.array("Topics", &topics)
            w.int64("TotalBytes", &totalBytes, since: 4)
            w.int64("UsableBytes", &usableBytes, since: 4)
            w.bool("IsCordoned", &isCordoned, since: 5)
        }
    }

    package struct DescribeLogDirsTopic: WireStruct {
        package var name = ""
        package var partitions: [DescribeLogDirsPartition] = []

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.string("Name", &name)
            w.array("Partitions", &partitions)
        }
    }

    package struct DescribeLogDirsPartition: WireStruct {
        package var partitionIndex: Int32 = 0
        package var partitionSize: Int64 = 0
        package var offsetLag: Int64 = 0
        package var isFutureKey = false

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.int32("PartitionIndex", &partitionIndex)
            w.int64("PartitionSize", &partitionSize)
            w.int64("OffsetLag", &offsetLag)
            w.bool("IsFutureKey", &isFutureKey)
        }
    }
}
