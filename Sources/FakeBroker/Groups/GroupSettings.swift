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

extension FakeBroker {
    /// Share groups (KIP-932).
    public struct ShareGroups: Sendable {
        /// Where a group begins in a partition that it does not know (Kafka: `share.auto.offset.reset`).
        public enum OffsetReset: String, Sendable {
            case earliest, latest
        }

        /// A member is given up that is not heard of for so long (Kafka: `group.share.session.timeout.ms`).
        public var sessionTimeout: Duration = .seconds(45)
        /// How often members shall be heard of (Kafka: `group.share.heartbeat.interval.ms`).
        public var heartbeatInterval: Duration = .seconds(5)
        public var offsetReset = OffsetReset.latest
        /// How long a record is one member's (Kafka: `group.share.record.lock.duration.ms`).
        public var recordLockDuration: Duration = .seconds(30)
        /// How often a record is delivered at most (Kafka: `group.share.delivery.count.limit`).
        public var deliveryCountLimit = 5
        /// How many records of a partition a group has under way at most (Kafka:
        /// `group.share.partition.max.record.locks`).
        public var partitionMaxRecordLocks = 2000
        /// Members of one group (Kafka: `group.share.max.size`).
        public var maxSize = 200
        /// Share sessions of the cluster (Kafka: `group.share.max.share.sessions`, there a broker's).
        public var maxSessions = 2000

        public init() {}

        func validate() throws(FakeBrokerError) {
            let durations: ClosedRange<Duration> = .milliseconds(1) ... .milliseconds(Int64(Int32.max))
            for (name, value) in [
                ("sessionTimeout", sessionTimeout), ("heartbeatInterval", heartbeatInterval),
                ("recordLockDuration", recordLockDuration),
            ] where !durations.contains(value) {
                throw .invalid("shareGroups.\(name)", "\(value)", accepted: "1 ms to 2147483647 ms")
            }
            guard heartbeatInterval < sessionTimeout else {
                throw .invalid(
                    "shareGroups.sessionTimeout", "\(sessionTimeout)",
                    accepted: "more than the heartbeat interval, \(heartbeatInterval)")
            }
            for (name, value, most) in [
                ("deliveryCountLimit", deliveryCountLimit, Int(Int16.max)),
                ("partitionMaxRecordLocks", partitionMaxRecordLocks, 1_000_000),
                ("maxSize", maxSize, 1_000_000), ("maxSessions", maxSessions, 1_000_000),
            ] where !(1...most ~= value) {
                throw .invalid("shareGroups.\(name)", "\(value)", accepted: "1 to \(most)")
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
        share = ShareGroup.Settings(
            sessionTimeout: settings.shareGroups.sessionTimeout,
            heartbeatInterval: settings.shareGroups.heartbeatInterval, maxSize: settings.shareGroups.maxSize)
        sharePartition = SharePartition.Limits(
            lockDuration: settings.shareGroups.recordLockDuration,
            deliveries: Int16(clamping: settings.shareGroups.deliveryCountLimit),
            records: settings.shareGroups.partitionMaxRecordLocks)
    }
}
