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
        _ offsets: [TopicPartitionOffset]?, under epochs: [UInt64]?, ticket: UInt64,
        reply: @escaping PendingCommits.Reply
    ) {
        // Not even asked for: another may have come further, and brokers do not look whose a partition is.
        let lost = zip(offsets ?? [], epochs ?? []).filter { assignment.heldEpoch(of: $0.partition) != $1 }
            .map { PartitionResult(partition: $0.0.partition, offset: nil, error: .state) }
        let offsets = offsets?.filter { offset in !lost.contains { $0.partition == offset.partition } }
        if offsets?.isEmpty ?? false, !lost.isEmpty { return reply(.success(lost)) }
        if let offsets, commits.mayBeOvertaken(by: offsets) {
            let error = KafkaError(
                .inProgress, while: commits.operation, reason: "an earlier commit of a partition is not answered")
            return reply(.failure(error))
        }
        let id = commits.nextID()
        do throws(KafkaError) {
            try client.commit(offsets, to: events, id: id, while: commits.operation)
        } catch {
            reply(.failure(error))
            return
        }
        commits.add(
            id, ticket, of: offsets, under: assignment, deadline: clock.now + setup.timing.commitTimeout
        ) { result in
            reply(result.map { $0 + lost })
        }
    }

    /// Commits where partitions begin that the group has committed nothing of, and says when that is known to be done,
    /// or to have failed.
    func commit(starts: [TopicPartitionOffset], then end: @escaping () -> Void) {
        let operation = commits.operation
        commit(starts, under: nil, ticket: 0) { [setup] result in
            switch result {
            case .success(let results):
                for result in results {
                    guard let code = result.error else { continue }
                    setup.onEvent(.error(KafkaError(code, while: operation), result.partition))
                }
            case .failure(let error): setup.onEvent(.error(error, nil))
            }
            end()
        }
    }

    func giveUpCommit(_ ticket: UInt64) { commits.giveUp(ticket) }
}
