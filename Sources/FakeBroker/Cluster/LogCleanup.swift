internal import KafkaProtocol

// What time does to logs: records that a topic keeps no longer go, and compacted topics are cleaned.
//
// A partition has a timer only while something will be due. As in Kafka nothing goes at once: the log is looked at
// every now and then (`log.retention.check.interval.ms`, `log.cleaner.backoff.ms`).

extension Cluster {
    /// A partition has grown, or its topic's settings have changed: sees to it that it is looked at in time.
    mutating func scheduleCleanup(_ topic: String, _ position: Int) {
        guard let slot = topics.slot(of: topic) else { return }
        scheduleCleanup(topic, slot, position)
    }

    mutating func scheduleCleanup(_ topic: String, _ slot: Int, _ position: Int) {
        guard let due = cleanupTime(slot, position) else { return }
        if let set = topics[slot: slot]?.partitions[position].nextCleanup, set <= due { return }
        topics[slot: slot]?.partitions[position].nextCleanup = due
        timers.set(.cleanup(TopicPartition(topic: topic, partition: Int32(position))), at: due)
    }

    /// Nil: never, as things stand.
    private func cleanupTime(_ slot: Int, _ position: Int) -> Duration? {
        var due: Duration?
        if topics[slot: slot]?.settings.deletes == true {
            let check = now.elapsed + settings.logRetentionCheckInterval
            if let retention = topics[slot: slot]?.settings.retentionTime,
                let oldest = topics[slot: slot]?.partitions[position].log.oldestSegmentTimestamp
            {
                let age = Duration.milliseconds(now.wallMilliseconds) - .milliseconds(oldest)
                // A record may be of any time; more than a hundred years on is no deadline.
                due = max(check, now.elapsed + min(retention - age + .milliseconds(1), .seconds(3_155_760_000)))
            }
            if let bytes = topics[slot: slot]?.settings.retentionBytes,
                topics[slot: slot]?.partitions[position].log.exceeds(bytes) == true
            {
                due = check
            }
        }
        if topics[slot: slot]?.settings.compacts == true, let topic = topics[slot: slot],
            topic.partitions[position].isDirty(topic.settings.minCleanableDirtyRatio)
        {
            let clean = now.elapsed + max(settings.logCleanerBackoff, topic.settings.minCompactionLag)
            due = min(due ?? clean, clean)
        }
        return due
    }

    mutating func cleanUp(_ partition: TopicPartition) {
        guard let position = topics[partition.topic]?.position(of: partition.partition) else { return }
        topics[partition.topic]?.partitions[position].nextCleanup = nil
        clean(partition.topic, position)
        scheduleCleanup(partition.topic, position)
    }

    /// Does now what time would.
    mutating func clean(_ topic: String, _ position: Int) {
        guard let settings = topics[topic]?.settings, let log = topics[topic]?.partitions[position].log else { return }
        if settings.deletes {
            let oldest = settings.retentionTime.map { now.wallMilliseconds(before: $0) }
            let offset = log.retentionOffset(oldest: oldest, bytesKept: settings.retentionBytes)
            topics[topic]?.partitions[position].deleteRecords(before: offset)
        }
        if settings.compacts {
            topics[topic]?.partitions[position].compact(settings, now: now)
        }
        storage.note(topic, position)
    }

    /// To be called when a topic's settings have been changed.
    mutating func settingsChanged(of topic: String) {
        storage.note(topic: topic)
        for position in topics[topic]?.partitions.indices ?? 0..<0 { scheduleCleanup(topic, position) }
    }
}

extension ClusterTime {
    func wallMilliseconds(before: Duration) -> Int64 {
        let difference = wallMilliseconds.subtractingReportingOverflow(before.wholeMilliseconds)
        return difference.overflow ? .min : difference.partialValue
    }
}

extension Partition {
    mutating func deleteRecords(before offset: Int64) {
        log.deleteRecords(before: offset)
        aborted.truncate(before: log.startOffset)
    }

    /// Whether enough was written since the log was compacted.
    func isDirty(_ ratio: Double) -> Bool {
        let dirty = log.sizeInBytes - cleanBytes
        return log.endOffset > cleanOffset && Double(dirty) > ratio * Double(log.sizeInBytes)
    }

    mutating func compact(_ settings: TopicSettings, now: ClusterTime) {
        var limit = lastStableOffset
        if settings.minCompactionLag > .zero {
            let young = now.wallMilliseconds(before: settings.minCompactionLag)
            limit = min(limit, log.firstOffset(after: young) ?? .max)
        }
        log.compact(
            Compaction(
                limit: limit, tombstonesBefore: now.wallMilliseconds(before: settings.deleteRetention),
                aborted: aborted.overlapping(0..<max(1, limit))))
        cleanOffset = limit
        cleanBytes = log.sizeInBytes(before: limit)
    }
}
