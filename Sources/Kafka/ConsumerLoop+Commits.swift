// What the consumer commits, and what it leaves to librdkafka to commit.

extension ConsumerLoop {
    /// Those of partitions that are not held are refused, and nobody's loss.
    func storeOffsets() {
        let offsets = mailbox.takeStores()
        if !offsets.isEmpty {
            _ = client.storeOffsets(offsets)
            if setup.commitsAtIntervals { automaticCommits.note(stored: offsets) }
        }
        for offset in automaticCommits.takeDue() {
            try? client.commit([offset], to: events, id: PendingCommits.nobodys, while: commits.operation)
        }
    }

    /// - Parameter epochs: Under which the messages of each partition were handed out.
    func commit(
        _ offsets: [TopicPartitionOffset]?, under epochs: [UInt64]?, ticket: UInt64, reply: PendingCommits.Reply
    ) {
        // Not even asked for: another may have come further, and brokers do not look whose a partition is.
        let lost = zip(offsets ?? [], epochs ?? []).filter { assignment.heldEpoch(of: $0.partition) != $1 }
            .map(\.0.partition)
        let offsets = offsets?.filter { !lost.contains($0.partition) }
        if offsets?.isEmpty ?? false, !lost.isEmpty {
            return reply.resume(returning: .success(lost.map(PartitionResult.lost)))
        }
        if let offsets, commits.mayBeOvertaken(by: offsets) {
            let error = KafkaError(
                .inProgress, while: commits.operation, reason: "an earlier commit of a partition is not answered")
            return reply.resume(returning: .failure(error))
        }
        let id = commits.nextID()
        do throws(KafkaError) {
            try client.commit(offsets, to: events, id: id, while: commits.operation)
        } catch {
            reply.resume(returning: .failure(error))
            return
        }
        commits.add(
            id, ticket, of: offsets, leavingOut: lost, under: assignment,
            deadline: clock.now + setup.timing.commitTimeout, reply: reply)
    }

    func giveUpCommit(_ ticket: UInt64) { commits.giveUp(ticket) }
}
