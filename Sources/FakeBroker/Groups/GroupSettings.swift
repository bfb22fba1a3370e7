extension FakeBroker {
    /// Groups of the consumer protocol (KIP-848).
    public struct ConsumerGroups: Sendable {
        /// Which way groups may go over to the other protocol while they have members (Kafka:
        /// `group.consumer.migration.policy`).
        public enum Migration: String, Sendable {
            case disabled, upgrade, downgrade, bidirectional

            var allowsUpgrade: Bool { self == .upgrade || self == .bidirectional }
            var allowsDowngrade: Bool { self == .downgrade || self == .bidirectional }
        }

        /// A member is given up that is not heard of for so long (Kafka: `group.consumer.session.timeout.ms`).
        public var sessionTimeout: Duration = .seconds(45)
        /// How often members shall be heard of (Kafka: `group.consumer.heartbeat.interval.ms`). Until its next
        /// heartbeat a member does not learn of a change, so tests want it short.
        public var heartbeatInterval: Duration = .seconds(5)
        public var migration = Migration.bidirectional

        public init() {}

        func validate() throws(FakeBrokerError) {
            let accepted: ClosedRange<Duration> = .milliseconds(1) ... .milliseconds(Int64(Int32.max))
            guard accepted.contains(heartbeatInterval) else {
                throw .invalid(
                    "consumerGroups.heartbeatInterval", "\(heartbeatInterval)", accepted: "1 ms to 2147483647 ms")
            }
            guard accepted.contains(sessionTimeout), heartbeatInterval < sessionTimeout else {
                throw .invalid(
                    "consumerGroups.sessionTimeout", "\(sessionTimeout)",
                    accepted: "more than the heartbeat interval, \(heartbeatInterval), to 2147483647 ms")
            }
        }
    }
}

extension Groups.Settings {
    init(_ settings: FakeBroker.Configuration) {
        classic = ClassicGroup.Settings(
            initialRebalanceDelay: settings.groupInitialRebalanceDelay, maxSize: settings.limits.groupMembers)
        consumer = ConsumerGroup.Settings(
            sessionTimeout: settings.consumerGroups.sessionTimeout,
            heartbeatInterval: settings.consumerGroups.heartbeatInterval, maxSize: settings.limits.groupMembers)
    }
}
