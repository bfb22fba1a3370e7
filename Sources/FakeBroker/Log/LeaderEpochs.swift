/// Where each leader's records begin in a partition, by which clients find out that records they have read are gone
/// (KIP-101, KIP-320).
struct LeaderEpochs: Sendable, Equatable {
    struct Entry: Sendable, Equatable {
        var epoch: Int32
        var startOffset: Int64
    }

    /// In ascending order of both.
    private(set) var entries: [Entry] = []

    mutating func appended(_ epoch: Int32, at offset: Int64) {
        if entries.last?.epoch == epoch { return }
        entries.append(Entry(epoch: epoch, startOffset: offset))
    }

    /// The epoch in which a record was written.
    func epoch(of offset: Int64) -> Int32? {
        let after = entries.partitioningIndex { $0.startOffset > offset }
        return after == 0 ? nil : entries[after - 1].epoch
    }

    /// The last epoch not later than this one that has records, and the offset at which it ended.
    ///
    /// - Parameters:
    ///   - current: the leader's own epoch, which ends where the log does.
    ///   - endOffset: of the log.
    func end(of epoch: Int32, current: Int32, endOffset: Int64) -> (epoch: Int32, offset: Int64)? {
        if epoch == current { return (current, endOffset) }
        guard epoch >= 0, epoch < current else { return nil }
        let after = entries.partitioningIndex { $0.epoch > epoch }
        let end = after < entries.count ? entries[after].startOffset : endOffset
        return (after == 0 ? epoch : entries[after - 1].epoch, end)
    }

    /// The records before are gone.
    mutating func truncate(before offset: Int64) {
        let after = entries.partitioningIndex { $0.startOffset > offset }
        guard after > 0 else { return }
        entries.removeFirst(after - 1)
        entries[0].startOffset = offset
    }
}
