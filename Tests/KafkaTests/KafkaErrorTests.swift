import Kafka
import Testing

@Suite struct KafkaErrorTests {
    @Test func `an error says what failed, why, its name and whether to try again`() {
        let error = KafkaError(.rebalanceInProgress, while: "committing offsets of group orders")
        #expect(
            "\(error)" == """
                committing offsets of group orders: Broker: Group rebalance in progress \
                (REBALANCE_IN_PROGRESS, retriable)
                """)
        let fatal = KafkaError(.fencedInstance, while: "running the client", isFatal: true)
        #expect("\(fatal)".hasSuffix("(FENCED_INSTANCE_ID, fatal)"))
    }

    @Test(arguments: [
        (ErrorCode.timedOut, "_TIMED_OUT", true), (.unknownMember, "UNKNOWN_MEMBER_ID", false),
        (.illegalGeneration, "ILLEGAL_GENERATION", false), (.notCoordinator, "NOT_COORDINATOR", true),
        (.topicAuthorizationFailed, "TOPIC_AUTHORIZATION_FAILED", false), (.queueFull, "_QUEUE_FULL", true),
        (.messageTooLarge, "MSG_SIZE_TOO_LARGE", false),
    ])
    func `codes keep librdkafka's names`(code: ErrorCode, name: String, isRetriable: Bool) {
        #expect(code.name == name)
        #expect(code.isRetriable == isRetriable)
    }

    @Test func `a code from a newer broker survives`() {
        #expect(ErrorCode(rawValue: 9_999).rawValue == 9_999)
        #expect(ErrorCode(rawValue: 9_999).name == "ERR_9999?")
        #expect(!ErrorCode(rawValue: 9_999).isRetriable)
    }

    @Test func `a lost reply leaves the outcome open, a refusal does not`() {
        #expect(ErrorCode.requestTimedOut.leavesOutcomeUnknown)
        #expect(ErrorCode.transport.leavesOutcomeUnknown)
        #expect(!ErrorCode.illegalGeneration.leavesOutcomeUnknown)
    }
}
