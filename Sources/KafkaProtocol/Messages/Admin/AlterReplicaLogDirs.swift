// AlterReplicaLogDirs (key 34) moves replicas between the log directories of a broker (KIP-113).
//
// v2 flexible.

package struct AlterReplicaLogDirsRequest: WireStruct {
    package var dirs: [AlterReplicaLogDir] = []

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.array("Dirs", &dirs)
    }

    package struct AlterReplicaLogDir: WireStruct {
        package var path = ""
        package var topics: [AlterReplicaLogDirTopic] = []

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.string("Path", &path)
            w.array("Topics", &topics)
        }
    }

    package struct AlterReplicaLogDirTopic: WireStruct {
        package var name = ""
        package var partitions: [Int32] = []

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.string("Name", &name)
            w.array("Partitions", &partitions)
        }
    }
}

package struct AlterReplicaLogDirsResponse: WireStruct {
    package var throttleTimeMs: Int32 = 0
    package var results: [AlterReplicaLogDirTopicResult] = []

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.int32("ThrottleTimeMs", &throttleTimeMs)
        w.array("Results", &results)
    }

    package struct AlterReplicaLogDirTopicResult: WireStruct {
        package var topicName = ""
        package var partitions: [AlterReplicaLogDirPartitionResult] = []

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.string("TopicName", &topicName)
            w.array("Partitions", &partitions)
        }
    }

    package struct AlterReplicaLogDirPartitionResult: WireStruct {
        package var partitionIndex: Int32 = 0
        package var errorCode: ErrorCode = .none

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.int32("PartitionIndex", &partitionIndex)
            w.errorCode("ErrorCode", &errorCode)
        }
    }
}
