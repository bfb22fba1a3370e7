internal import KafkaProtocol

/// One of Kafka's error codes, as brokers answer them.
///
/// The codes and what clients make of them stand in Kafka's protocol guide under "Error Codes".
public struct KafkaError: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    public var rawValue: Int16

    public init(rawValue: Int16) {
        self.rawValue = rawValue
    }

    public static let none = KafkaError(rawValue: 0)
    public static let offsetOutOfRange = KafkaError(rawValue: 1)
    public static let corruptMessage = KafkaError(rawValue: 2)
    public static let unknownTopicOrPartition = KafkaError(rawValue: 3)
    public static let leaderNotAvailable = KafkaError(rawValue: 5)
    public static let notLeaderOrFollower = KafkaError(rawValue: 6)
    public static let requestTimedOut = KafkaError(rawValue: 7)
    public static let messageTooLarge = KafkaError(rawValue: 10)
    public static let coordinatorLoadInProgress = KafkaError(rawValue: 14)
    public static let coordinatorNotAvailable = KafkaError(rawValue: 15)
    public static let notCoordinator = KafkaError(rawValue: 16)
    public static let notEnoughReplicas = KafkaError(rawValue: 19)
    public static let notEnoughReplicasAfterAppend = KafkaError(rawValue: 20)
    public static let illegalGeneration = KafkaError(rawValue: 22)
    public static let unknownMemberID = KafkaError(rawValue: 25)
    public static let rebalanceInProgress = KafkaError(rawValue: 27)
    public static let topicAuthorizationFailed = KafkaError(rawValue: 29)
    public static let groupAuthorizationFailed = KafkaError(rawValue: 30)
    public static let clusterAuthorizationFailed = KafkaError(rawValue: 31)
    public static let unsupportedVersion = KafkaError(rawValue: 35)
    public static let notController = KafkaError(rawValue: 41)
    public static let outOfOrderSequenceNumber = KafkaError(rawValue: 45)
    public static let invalidProducerEpoch = KafkaError(rawValue: 47)
    public static let concurrentTransactions = KafkaError(rawValue: 51)
    public static let transactionalIDAuthorizationFailed = KafkaError(rawValue: 53)
    public static let kafkaStorageError = KafkaError(rawValue: 56)
    public static let saslAuthenticationFailed = KafkaError(rawValue: 58)
    public static let fencedLeaderEpoch = KafkaError(rawValue: 74)
    public static let throttlingQuotaExceeded = KafkaError(rawValue: 89)
    public static let producerFenced = KafkaError(rawValue: 90)
    public static let unknownServerError = KafkaError(rawValue: -1)

    /// By Kafka's name, such as `NOT_COORDINATOR`; nil if no error has it.
    public init?(name: String) {
        guard let code = ErrorCode.known.first(where: { $0.description == name }) else { return nil }
        self.init(code)
    }

    /// Kafka's name, such as `NOT_COORDINATOR`.
    public var description: String { code.description }

    /// Whether Kafka's clients try again when they get it.
    public var isRetriable: Bool { code.isRetriable }

    init(_ code: ErrorCode) {
        rawValue = code.rawValue
    }

    var code: ErrorCode { ErrorCode(rawValue: rawValue) }
}
