internal import KafkaProtocol

// When committed offsets, and groups that have none, are forgotten.
//
// Only those of a group without members: a group that had members counts from the moment it lost the last, one that
// never had any from each commit (KIP-211). A group that has neither members nor offsets goes too.

extension Cluster {
    /// How long a group without members and offsets stays (Kafka: `offsets.retention.check.interval.ms`).
    private static let emptyGroupMilliseconds: Int64 = 600_000

    /// Sees to it that a group's offsets expire in time, if it has no members now.
    mutating func watchRetention(of group: String) {
        // What a share group knows of partitions is not what it committed.
        guard groups.kind(of: group) != .share else { return }
        guard let since = groups.emptySince(group, now: now.wallMilliseconds) else { return }
        guard groups.claimRetentionTimer(group) else { return }
        timers.set(.offsetRetention(group), at: retentionDeadline(of: group, emptySince: since))
    }

    /// The time for which a group's retention was to be looked at has come.
    mutating func expireOffsets(of group: String) {
        groups.retentionTimerFired(group)
        guard groups.kind(of: group) != .share else { return }
        guard let since = groups.emptySince(group, now: now.wallMilliseconds) else { return }
        for (partition, offset) in offsets.offsets(group: group)
        where expiry(of: offset, group, emptySince: since) <= now.wallMilliseconds {
            offsets.remove(group: group, partition: partition)
        }
        if offsets.isEmpty(group: group), since + Self.emptyGroupMilliseconds <= now.wallMilliseconds {
            return deleteGroup(group)
        }
        watchRetention(of: group)
    }

    mutating func deleteGroup(_ group: String) {
        offsets.forget(group: group)
        shareSessions.remove(group: group)
        groups.remove(group)
    }

    private func retentionDeadline(of group: String, emptySince: Int64) -> Duration {
        let expiries = offsets.offsets(group: group).map { expiry(of: $0.offset, group, emptySince: emptySince) }
        let earliest = expiries.min() ?? emptySince + Self.emptyGroupMilliseconds
        return now.elapsed + .milliseconds(max(earliest - now.wallMilliseconds, 1))
    }

    /// In milliseconds of the wall clock.
    private func expiry(of offset: CommittedOffset, _ group: String, emptySince: Int64) -> Int64 {
        let committed = offset.committedAtMilliseconds
        let base = groups.hadMembers(group) ? max(emptySince, committed) : committed
        return base + settings.offsetRetention.wholeMilliseconds
    }
}
