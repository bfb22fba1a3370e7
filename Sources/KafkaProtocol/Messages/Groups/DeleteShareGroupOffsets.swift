// DeleteShareGroupOffsets (key 92) forgets topics of an empty share group (KIP-932).

package struct DeleteShareGroupOffsetsRequest: WireStruct {
    package var groupID = ""
    package var topics: [DeleteShareGroupOffsetsRequestTopic] = []

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.string("GroupId", &groupID)
        w.array("Topics", &topics)
    }

    package struct DeleteShareGroupOffsetsRequestTopic: WireStruct {
        package var topicName = ""

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.string("TopicName", &topicName)
        }
    }
}

package struct DeleteShareGroupOffsetsResponse: WireStruct {
    package var throttleTimeMs: Int32 = 0
    package var errorCode: ErrorCode = .none
    package var errorMessage: String?
    package var responses: [DeleteShareGroupOffsetsResponseTopic] = []

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.int32("ThrottleTimeMs", &throttleTimeMs)
        w.errorCode("ErrorCode", &errorCode)
        w.nullableString("ErrorMessage", &errorMessage)
        w.array("Responses", &responses)
    }

    package struct DeleteShareGroupOffsetsResponseTopic: WireStruct {
        package var topicName = ""
        package var topicID: TopicID = .zero
        package var errorCode: ErrorCode = .none
        package var errorMessage: String?

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.string("TopicName", &topicName)
            w.uuid("TopicId", &topicID)
            w.errorCode("ErrorCode", &errorCode)
            w.nullableString("ErrorMessage", &errorMessage)
        }
    }
}
