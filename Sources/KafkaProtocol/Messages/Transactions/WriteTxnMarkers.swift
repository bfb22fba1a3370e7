// WriteTxnMarkers (key 27) has a leader append the markers that end transactions; between brokers (KIP-98).
//
// v1 flexible; v2 transaction version (KIP-1228).

package struct WriteTxnMarkersRequest: WireStruct {
    package var markers: [WritableTxnMarker] = []

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.array("Markers", &markers)
    }

    package struct WritableTxnMarker: WireStruct {
        package var producerID: Int64 = 0
        package var producerEpoch: Int16 = 0
        package var transactionResult = false
        package var topics: [WritableTxnMarkerTopic] = []
        package var coordinatorEpoch: Int32 = 0
        package var transactionVersion: Int8 = 0

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.int64("ProducerId", &producerID)
            w.int16("ProducerEpoch", &producerEpoch)
            w.bool("TransactionResult", &transactionResult)
            w.array("Topics", &topics)
            w.int32("CoordinatorEpoch", &coordinatorEpoch)
            w.int8("TransactionVersion", &transactionVersion, since: 2)
        }
    }

    package struct WritableTxnMarkerTopic: WireStruct {
        package var name = ""
        package var partitionIndexes: [Int32] = []

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.string("Name", &name)
            w.array("PartitionIndexes", &partitionIndexes)
        }
    }
}

package struct WriteTxnMarkersResponse: WireStruct {
    package var markers: [WritableTxnMarkerResult] = []

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.array("Markers", &markers)
    }

    package struct WritableTxnMarkerResult: WireStruct {
        package var producerID: Int64 = 0
        package var topics: [WritableTxnMarkerTopicResult] = []

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.int64("ProducerId", &producerID)
            w.array("Topics", &topics)
        }
    }

    package struct WritableTxnMarkerTopicResult: WireStruct {
        package var name = ""
        package var partitions: [WritableTxnMarkerPartitionResult] = []

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.string("Name", &name)
            w.array("Partitions", &partitions)
        }
    }

    package struct WritableTxnMarkerPartitionResult: WireStruct {
        package var partitionIndex: Int32 = 0
        package var errorCode: ErrorCode = .none

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.int32("PartitionIndex", &partitionIndex)
            w.errorCode("ErrorCode", &errorCode)
        }
    }
}
