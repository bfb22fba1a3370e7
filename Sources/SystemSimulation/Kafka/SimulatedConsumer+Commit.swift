// Commits: each is answered, fails, or is given up as unknown; what it is worth is judged by the assignment.

import Kafka
import KafkaProtocol
import Simulation

extension SimulatedConsumer {
    typealias CommitResult = Result<[PartitionResult], KafkaError>

    /// A commit that was asked for and is not answered.
    struct Commit {
        let id: Int
        let offsets: [TopicPartitionOffset]
        /// Under which each partition was held when the commit was asked for.
        let epochs: [TopicPartition: UInt64]
        let reply: CheckedContinuation<CommitResult, Never>
        /// When it is given up.
        let deadlines: [SeededExecutor.ScheduledEvent]
        /// As it was sent; a repetition is the same to the letter. Nil while there is no coordinator.
        var request: OffsetCommitRequest?
        var tries = 0
    }

    private static let operation = "committing offsets of group \(SimulatedBrokers.group)"
    /// How often librdkafka repeats a request that may have arrived.
    private static let retries = 2

    func commit(_ offsets: [TopicPartitionOffset]) async -> CommitResult {
        guard !isOver else { return .failure(KafkaError(.destroyed, while: Self.operation)) }
        return await withCheckedContinuation { reply in
            turn += 1
            var epochs: [TopicPartition: UInt64] = [:]
            for offset in offsets {
                epochs[offset.partition] = position(of: offset.partition).map { held[$0].epoch }
            }
            let id = turn
            let deadline = after(settings.commitTimeout) { [self] in
                finish(id, .failure(KafkaError(.timedOut, while: Self.operation)))
            }
            // For a coordinator a commit waits no longer than for a session.
            let coordinatorDeadline = after(settings.sessionTimeout) { [self] in
                guard commits.contains(where: { $0.id == id && $0.request == nil && $0.tries == 0 }) else { return }
                finish(id, .failure(KafkaError(.waitingForCoordinator, while: Self.operation)))
            }
            commits.append(
                Commit(
                    id: id, offsets: offsets, epochs: epochs, reply: reply,
                    deadlines: [deadline, coordinatorDeadline]))
            send(id)
        }
    }

    func sendWaitingCommits() {
        for commit in commits where commit.request == nil { send(commit.id) }
    }

    func failCommits(_ code: Kafka.ErrorCode) {
        let failed = commits
        commits = []
        for commit in failed { commit.reply.resume(returning: .failure(KafkaError(code, while: Self.operation))) }
    }

    /// Built when it can be sent: it may be for a later membership than the one that it was meant for.
    private func send(_ id: Int) {
        guard let index = commits.firstIndex(where: { $0.id == id }) else { return }
        guard let coordinator, coordinator.isOpen else { return findCoordinator() }
        // librdkafka would send it as nobody's, and brokers would take it while the group is empty: nobody can help it.
        guard generation >= 0 || commits[index].request != nil else {
            return finish(id, .failure(KafkaError(.unknownMember, while: Self.operation)))
        }
        let request = commits[index].request ?? request(for: commits[index].offsets)
        commits[index].request = request
        commits[index].tries += 1
        coordinator.call(.offsetCommit(request), version: 7, timeout: settings.requestTimeout) { [self] result in
            switch result {
            case .success(.offsetCommit(let response)): take(response, of: id)
            case .success: break
            case .failure(let failure): repeatOrFail(id, failure == .timedOut ? .timedOut : .transport)
            }
        }
    }

    private func repeatOrFail(_ id: Int, _ code: Kafka.ErrorCode) {
        guard let index = commits.firstIndex(where: { $0.id == id }), !isOver else { return }
        guard commits[index].tries <= Self.retries else {
            return finish(id, .failure(KafkaError(code, while: Self.operation)))
        }
        after(.milliseconds(100)) { [self] in send(id) }
    }

    private func take(_ response: OffsetCommitResponse, of id: Int) {
        let results = response.results
        let isMisplaced = results.contains {
            [.notCoordinator, .coordinatorNotAvailable, .coordinatorLoading].contains($0.error)
        }
        guard isMisplaced, let index = commits.firstIndex(where: { $0.id == id }) else {
            finish(id, .success(results))
            return noteMembership(results)
        }
        // It was refused, so it is built anew for whoever coordinates next.
        commits[index].request = nil
        after(.milliseconds(100)) { [self] in findCoordinator() }
    }

    /// A member that is told that it is none gives everything up and joins anew, unless it is joining already.
    private func noteMembership(_ results: [PartitionResult]) {
        let isUnknown = results.contains { $0.error == .unknownMember }
        guard isUnknown || results.contains(where: { $0.error == .illegalGeneration }) else { return }
        guard state == .steady || settings.losesAllOnIllegalGeneration else { return }
        if isUnknown { memberID = "" }
        loseAll()
    }

    private func finish(_ id: Int, _ result: CommitResult) {
        guard let index = commits.firstIndex(where: { $0.id == id }) else { return }
        let commit = commits.remove(at: index)
        for deadline in commit.deadlines { executor.cancel(deadline) }
        switch result {
        case .failure: commit.reply.resume(returning: result)
        case .success(let results):
            // As Kafka.Consumer judges: without an error the partition was this member's all the time.
            commit.reply.resume(returning: .success(results.map { judge($0, commit) }))
        }
        serveRevocation()
    }

    private func judge(_ result: PartitionResult, _ commit: Commit) -> PartitionResult {
        guard result.error == nil, let epoch = commit.epochs[result.partition],
            position(of: result.partition).map({ held[$0].epoch }) != epoch
        else { return result }
        return PartitionResult(partition: result.partition, offset: result.offset, error: .assignmentLost)
    }

    private func request(for offsets: [TopicPartitionOffset]) -> OffsetCommitRequest {
        var request = OffsetCommitRequest()
        request.groupID = SimulatedBrokers.group
        request.memberID = memberID
        request.generationIDOrMemberEpoch = generation
        for offset in offsets {
            var partition = OffsetCommitRequest.OffsetCommitRequestPartition()
            partition.partitionIndex = offset.partition.partition
            partition.committedOffset = offset.offset
            if let index = request.topics.firstIndex(where: { $0.name == offset.partition.topic }) {
                request.topics[index].partitions.append(partition)
            } else {
                var topic = OffsetCommitRequest.OffsetCommitRequestTopic()
                topic.name = offset.partition.topic
                topic.partitions = [partition]
                request.topics.append(topic)
            }
        }
        return request
    }

    // MARK: At intervals

    func commitAtIntervals() {
        after(.seconds(1)) { [self] in
            if generation >= 0, state == .steady { commitStored(of: held) {} }
            commitAtIntervals()
        }
    }

    /// Commits what was stored of these partitions and is not committed; `then` is called when that is answered or has
    /// failed.
    func commitStored(of partitions: [Held], then: @escaping () -> Void) {
        let offsets = partitions.compactMap { held in
            held.stored.flatMap { $0 == held.committed ? nil : TopicPartitionOffset(held.partition, $0) }
        }
        guard settings.commitsAtIntervals, !offsets.isEmpty, generation >= 0, let coordinator, coordinator.isOpen else {
            return then()
        }
        let request = request(for: offsets)
        coordinator.call(.offsetCommit(request), version: 7, timeout: settings.requestTimeout) { [self] result in
            if case .success(.offsetCommit(let response)) = result {
                for result in response.results where result.error == nil {
                    let offset = offsets.first { $0.partition == result.partition }?.offset
                    if let index = position(of: result.partition) { held[index].committed = offset }
                }
            }
            then()
        }
    }
}

extension OffsetCommitResponse {
    fileprivate var results: [PartitionResult] {
        topics.flatMap { topic in
            topic.partitions.map { partition in
                let error =
                    partition.errorCode == .none
                    ? nil : Kafka.ErrorCode(rawValue: Int32(partition.errorCode.rawValue))
                return PartitionResult(
                    partition: TopicPartition(topic.name, partition.partitionIndex), offset: nil, error: error)
            }
        }
    }
}
