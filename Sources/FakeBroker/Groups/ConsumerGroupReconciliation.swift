internal import KafkaProtocol

// A member's way to its target: first gives up, then gets.

extension ConsumerGroup {
    /// Takes a member as far towards its target as it can go now.
    ///
    /// - Parameter owned: the partitions that it says it has; nil if it does not say, which is taken as all.
    func reconciled(_ member: ConsumerGroupMember, owned: PartitionSet?, now: Duration) -> ConsumerGroupMember {
        guard !member.isReconciled(to: assignmentEpoch) else { return member }
        var updated = member
        switch member.state {
        case .stable:
            guard member.epoch != assignmentEpoch else { return member }
            advance(&updated, owned: owned)
        case .unrevokedPartitions:
            guard !owns(member.pendingRevocation, owned) else { return member }
            // It has given them up, and so is where that epoch wanted it.
            updated.advance(to: min(member.epoch + 1, assignmentEpoch))
            updated.pendingRevocation = []
            advance(&updated, owned: owned)
        case .unreleasedPartitions:
            advance(&updated, owned: owned)
        }
        if updated.state == .unrevokedPartitions, updated.classic == nil {
            if updated != member { updated.revocationDeadline = now + updated.rebalanceTimeout }
        } else {
            updated.revocationDeadline = nil
        }
        return updated
    }

    private func owns(_ partitions: PartitionSet, _ owned: PartitionSet?) -> Bool {
        owned.map { !$0.isDisjoint(with: partitions) } ?? true
    }

    private func advance(_ member: inout ConsumerGroupMember, owned: PartitionSet?) {
        let kept = member.assigned.intersection(member.target)
        let revoked = member.assigned.subtracting(kept)
        if !revoked.isEmpty, owns(revoked, owned) {
            member.state = .unrevokedPartitions
            member.assigned = kept
            member.pendingRevocation = revoked
            return
        }
        let missing = member.target.subtracting(kept)
        let free = missing.filter { partition in owners[partition].map { $0 == member.id } ?? true }
        member.advance(to: assignmentEpoch)
        member.assigned = kept.union(free)
        member.pendingRevocation = []
        member.state = free.count == missing.count ? .stable : .unreleasedPartitions
    }

    /// Whether a partition that the member shall have is still another's.
    func isWaiting(_ member: ConsumerGroupMember) -> Bool {
        member.target.subtracting(member.assigned).contains { partition in
            owners[partition].map { $0 != member.id } ?? false
        }
    }
}
