internal import KafkaProtocol
internal import OrderedCollections

// What the settings of a single group, given by IncrementalAlterConfigs, change beside those of the cluster. They hold
// from the group's next request on.

extension Cluster {
    /// The timeouts of a consumer group (Kafka: `consumer.session.timeout.ms`, `consumer.heartbeat.interval.ms`).
    func consumerGroupSettings(_ id: String) -> ConsumerGroup.Settings {
        let own = configs.own(.group, id)
        var settings = groups.settings.consumer
        settings.sessionTimeout = own.duration("consumer.session.timeout.ms") ?? settings.sessionTimeout
        settings.heartbeatInterval = own.duration("consumer.heartbeat.interval.ms") ?? settings.heartbeatInterval
        return settings
    }

    /// The timeouts of a share group (Kafka: `share.session.timeout.ms`, `share.heartbeat.interval.ms`).
    func shareGroupSettings(_ id: String) -> ShareGroup.Settings {
        let own = configs.own(.group, id)
        var settings = groups.settings.share
        settings.sessionTimeout = own.duration("share.session.timeout.ms") ?? settings.sessionTimeout
        settings.heartbeatInterval = own.duration("share.heartbeat.interval.ms") ?? settings.heartbeatInterval
        return settings
    }

    /// How records are delivered (Kafka: `share.record.lock.duration.ms`, `share.delivery.count.limit`).
    func shareLimits(of id: String) -> SharePartition.Limits {
        let own = configs.own(.group, id)
        var limits = groups.settings.sharePartition
        limits.lockDuration = own.duration("share.record.lock.duration.ms") ?? limits.lockDuration
        limits.deliveries = own["share.delivery.count.limit"].flatMap { Int16($0) } ?? limits.deliveries
        return limits
    }

    /// Where a share group begins in a partition that it does not know (Kafka: `share.auto.offset.reset`).
    func shareOffsetReset(of id: String) -> FakeBroker.ShareGroups.OffsetReset {
        configs.own(.group, id)["share.auto.offset.reset"].flatMap { .init(rawValue: $0) }
            ?? settings.shareGroups.offsetReset
    }

    /// Whether a share group gets no records of transactions that are open or were aborted (Kafka:
    /// `share.isolation.level`).
    func shareReadsCommittedOnly(_ id: String) -> Bool {
        configs.own(.group, id)["share.isolation.level"] == "read_committed"
    }
}

extension ConfigStore.Values {
    fileprivate func duration(_ name: String) -> Duration? {
        self[name].flatMap { Int64($0) }.map { .milliseconds($0) }
    }
}
