/// An error code of Kafka's protocol, or one of librdkafka's own, which are negative. Open: unknown codes survive.
package struct ErrorCode: RawRepresentable, Hashable, Sendable {
    package let rawValue: Int32

    package init(rawValue: Int32) { self.rawValue = rawValue }

    // MARK: librdkafka's own

    package static let destroyed = ErrorCode(rawValue: -197)
    package static let failed = ErrorCode(rawValue: -196)
    package static let transport = ErrorCode(rawValue: -195)
    package static let outOfResources = ErrorCode(rawValue: -194)
    package static let resolve = ErrorCode(rawValue: -193)
    package static let messageTimedOut = ErrorCode(rawValue: -192)
    package static let partitionEOF = ErrorCode(rawValue: -191)
    package static let unknownPartition = ErrorCode(rawValue: -190)
    package static let unknownTopic = ErrorCode(rawValue: -188)
    package static let allBrokersDown = ErrorCode(rawValue: -187)
    package static let invalidArgument = ErrorCode(rawValue: -186)
    package static let timedOut = ErrorCode(rawValue: -185)
    package static let queueFull = ErrorCode(rawValue: -184)
    package static let waitingForCoordinator = ErrorCode(rawValue: -180)
    package static let inProgress = ErrorCode(rawValue: -178)
    package static let assignPartitions = ErrorCode(rawValue: -175)
    package static let revokePartitions = ErrorCode(rawValue: -174)
    package static let conflict = ErrorCode(rawValue: -173)
    package static let state = ErrorCode(rawValue: -172)
    package static let authentication = ErrorCode(rawValue: -169)
    package static let noOffset = ErrorCode(rawValue: -168)
    package static let timedOutInQueue = ErrorCode(rawValue: -166)
    package static let retry = ErrorCode(rawValue: -153)
    package static let purgedFromQueue = ErrorCode(rawValue: -152)
    package static let purgedInFlight = ErrorCode(rawValue: -151)
    package static let fatal = ErrorCode(rawValue: -150)
    package static let maxPollExceeded = ErrorCode(rawValue: -147)
    package static let fenced = ErrorCode(rawValue: -144)
    package static let assignmentLost = ErrorCode(rawValue: -142)
    package static let autoOffsetReset = ErrorCode(rawValue: -140)

    // MARK: Kafka's

    package static let unknownServerError = ErrorCode(rawValue: -1)
    package static let none = ErrorCode(rawValue: 0)
    package static let invalidTopic = ErrorCode(rawValue: 17)
    package static let unknownTopicOrPartition = ErrorCode(rawValue: 3)
    package static let leaderNotAvailable = ErrorCode(rawValue: 5)
    package static let notLeader = ErrorCode(rawValue: 6)
    package static let requestTimedOut = ErrorCode(rawValue: 7)
    package static let brokerNotAvailable = ErrorCode(rawValue: 8)
    package static let replicaNotAvailable = ErrorCode(rawValue: 9)
    package static let messageTooLarge = ErrorCode(rawValue: 10)
    package static let networkException = ErrorCode(rawValue: 13)
    package static let coordinatorLoading = ErrorCode(rawValue: 14)
    package static let coordinatorNotAvailable = ErrorCode(rawValue: 15)
    package static let notCoordinator = ErrorCode(rawValue: 16)
    package static let recordListTooLarge = ErrorCode(rawValue: 18)
    package static let notEnoughReplicas = ErrorCode(rawValue: 19)
    package static let notEnoughReplicasAfterAppend = ErrorCode(rawValue: 20)
    package static let illegalGeneration = ErrorCode(rawValue: 22)
    package static let unknownMember = ErrorCode(rawValue: 25)
    package static let rebalanceInProgress = ErrorCode(rawValue: 27)
    package static let topicAuthorizationFailed = ErrorCode(rawValue: 29)
    package static let groupAuthorizationFailed = ErrorCode(rawValue: 30)
    package static let clusterAuthorizationFailed = ErrorCode(rawValue: 31)
    package static let topicAlreadyExists = ErrorCode(rawValue: 36)
    package static let storageError = ErrorCode(rawValue: 56)
    package static let saslAuthenticationFailed = ErrorCode(rawValue: 58)
    package static let fencedLeaderEpoch = ErrorCode(rawValue: 74)
    package static let unknownLeaderEpoch = ErrorCode(rawValue: 75)
    package static let offsetNotAvailable = ErrorCode(rawValue: 78)
    package static let fencedInstance = ErrorCode(rawValue: 82)
    package static let invalidRecord = ErrorCode(rawValue: 87)
    package static let unstableOffsetCommit = ErrorCode(rawValue: 88)
    package static let throttlingQuotaExceeded = ErrorCode(rawValue: 89)

    /// Whether the same operation may succeed later without anyone changing anything.
    ///
    /// librdkafka says so itself only for some operations; for the rest this follows Kafka's own table of errors.
    package var isRetriable: Bool {
        switch self {
        case .transport, .resolve, .allBrokersDown, .timedOut, .timedOutInQueue, .messageTimedOut, .queueFull,
            .waitingForCoordinator, .inProgress, .retry,
            .unknownTopicOrPartition, .leaderNotAvailable, .notLeader, .requestTimedOut, .brokerNotAvailable,
            .replicaNotAvailable, .networkException, .coordinatorLoading, .coordinatorNotAvailable, .notCoordinator,
            .notEnoughReplicas, .notEnoughReplicasAfterAppend, .rebalanceInProgress, .storageError,
            .fencedLeaderEpoch, .unknownLeaderEpoch, .offsetNotAvailable, .unstableOffsetCommit,
            .throttlingQuotaExceeded:
            true
        default:
            false
        }
    }

    /// Whether the group does not take the client for the member that it says it is, or not any more.
    package var isOfMembership: Bool {
        switch self {
        case .illegalGeneration, .unknownMember, .fenced, .fencedInstance: true
        default: false
        }
    }

    /// Whether a broker that refuses a commit may mean some of its partitions by this, and have taken the others.
    package var isOfOnePartition: Bool {
        switch self {
        // The whole group's.
        case .rebalanceInProgress, .groupAuthorizationFailed, .notCoordinator, .coordinatorLoading,
            .coordinatorNotAvailable:
            false
        default: !isOfMembership && (rawValue > 0 || self == .unknownServerError)
        }
    }

    /// Whether the broker may have done what it was asked although the reply says otherwise or never came.
    package var leavesOutcomeUnknown: Bool {
        switch self {
        case .transport, .timedOut, .timedOutInQueue, .requestTimedOut, .networkException, .destroyed: true
        default: false
        }
    }

    /// Whether the broker refuses because of who the client is.
    package var isAuthorization: Bool {
        switch self {
        case .topicAuthorizationFailed, .groupAuthorizationFailed, .clusterAuthorizationFailed: true
        default: false
        }
    }

    /// Whether the broker does not believe who the client says it is.
    package var isAuthentication: Bool { self == .authentication || self == .saslAuthenticationFailed }
}

extension ErrorCode: CustomStringConvertible {
    package var description: String { name }
}
