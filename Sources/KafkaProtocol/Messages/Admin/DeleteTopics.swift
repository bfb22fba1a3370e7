// DeleteTopics (key 20) removes topics with their records.
//
// v4 flexible; v5 error messages, THROTTLING_QUOTA_EXCEEDED (KIP-599); v6 topics by id (KIP-516).

package struct DeleteTopicsRequest: WireStruct {
    package var topics: [DeleteTopicState] = []
    package var topicNames: [String] = []
    package var timeoutMs: Int32 = 0

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.array("Topics", &topics, since: 6)
        w.array("TopicNames", &topicNames, through: 5)
        w.int32("TimeoutMs", &timeoutMs)
    }

    package struct DeleteTopicState: WireStruct {
        package var name: String?
        package var topicID: TopicID = .zero

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.nullableString("Name", &name)
            w.uuid("TopicId", &topicID)
        }
    }
}

package struct DeleteTopicsResponse: WireStruct {
    package var throttleTimeMs: Int32 = 0
    package var responses: [DeletableTopicResult] = []

    package init() {}

    package mutating func wire(_ w: inout some WireCoder) {
        w.int32("ThrottleTimeMs", &throttleTimeMs, since: 1)
        w.array("Responses", &responses)
    }

    package struct DeletableTopicResult: WireStruct {
        package var name: String?
        package var topicID: TopicID = .zero
        package var errorCode: ErrorCode = .none
        package var errorMessage: String?

        package init() {}

        package mutating func wire(_ w: inout some WireCoder) {
            w.nullableString("Name", &name, nullableSince: 6)
            w.uuid("TopicId", &topicID, since: 6)
            w.errorCode("ErrorCode", &errorCode)
            w.nullableString("ErrorMessage", &errorMessage, since: 5)
        }
    }
}
