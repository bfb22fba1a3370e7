// DescribeProducers (key 61) shows the producers that partitions know (KIP-664).

package struct DescribeProducersRequest: WireStruct {
    package var topics: [TopicRequest] = []

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.array("Topics", &topics)
    }

    package struct TopicRequest: WireStruct {
        package var name = ""
        package var partitionIndexes: [Int32] = []

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.string("Name", &name)
            w.array("PartitionIndexes", &partitionIndexes)
        }
    }
}

package struct DescribeProducersResponse: WireStruct {
    package var throttleTimeMs: Int32 = 0
    package var topics: [TopicResponse] = []

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.int32("ThrottleTimeMs", &throttleTimeMs)
        w.array("Topics", &topics)
    }

    package struct TopicResponse: WireStruct {
        package var name = ""
        package var partitions: [PartitionResponse] = []

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.string("Name", &name)
            w.array("Partitions", &partitions)
        }
    }

    package struct PartitionResponse: WireStruct {
        package var partitionIndex: Int32 = 0
        package var errorCode: ErrorCode = .none
        package var errorMessage: String?
        package var activeProducers: [ProducerState] = []

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.int32("PartitionIndex", &partitionIndex)
            w.errorCode("ErrorCode", &errorCode)
            w.nullableString("ErrorMessage", &errorMessage)
            w.array("ActiveProducers", &activeProducers)
        }
    }

    package struct ProducerState: WireStruct {
        package var producerID: Int64 = 0
        package var producerEpoch: Int32 = 0
        package var lastSequence: Int32 = -1
        package var lastTimestamp: Int64 = -1
        package var coordinatorEpoch: Int32 = 0
        package var currentTxnStartOffset: Int64 = -1

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.int64("ProducerId", &producerID)
            w.int32("ProducerEpoch", &producerEpoch)
            w.int32("LastSequence", &lastSequence)
            w.int64("LastTimestamp", &lastTimestamp)
            w.int32("CoordinatorEpoch", &coordinatorEpoch)
            w.int64("CurrentTxnStartOffset", &currentTxnStartOffset)
        }
    }
}
