// Commits: each is answered, fails, or is given up as unknown; what it is worth is judged by the assignment.

import Kafka
import KafkaProtocol
import Simulation

extension SimulatedConsumer {
    typealias CommitResult = Result<[PartitionResult], KafkaError>

    /// A commit that librdkafka was asked for and has not answered.
    struct Commit {
        let id: Int
        let offsets: [TopicPartitionOffset]
        /// Under which each partition was held when the commit was asked for.
        let epochs: [TopicPartition: UInt64]
        /// Nil once nobody waits for it any more; librdkafka has it still.
        var reply: CheckedContinuation<CommitResult, Never>?
        /// When it is waited for no longer, and when librdkafka gives it up.
        var deadlines: [SeededExecutor.ScheduledEvent] = []
        /// As it was sent; a repetition is the same to the letter. Nil while there is no coordinator.
        var request: OffsetCommitRequest?
        var isUnderWay = false
        var tries = 0
        /// For a coordinator it waits once, and no longer than for a session.
        var hasWaited = false
    }

    private static let operation = "committing offsets of group \(SimulatedBrokers.group)"
    /// How often librdkafka repeats a request that may have arrived.
    private static let retries = 2

    func commit(_ offsets: [TopicPartitionOffset], under epochs: [UInt64]? = nil) async -> CommitResult {
        guard !isOver else { return .failure(KafkaError(.destroyed, while: Self.operation)) }
        // As Kafka.Consumer does: what is not held any more is not asked for.
        let lost = zip(offsets, epochs ?? []).filter { heldEpoch(of: $0.partition) != $1 }.map(\.0.partition)
        guard lost.isEmpty else {
            let held = zip(offsets, epochs ?? []).filter { !lost.contains($0.0.partition) }
            let results = lost.map { PartitionResult(partition: $0, offset: nil, error: .state) }
            guard !held.isEmpty else { return .success(results) }
            return await commit(held.map(\.0), under: held.map(\.1)).map { $0 + results }
        }
        // As Kafka.Consumer does: what librdkafka has still could be sent after what is asked for now.
        let forsaken = commits.filter { $0.reply == nil }.flatMap { $0.offsets.map(\.partition) }
        guard offsets.allSatisfy({ !forsaken.contains($0.partition) }) else {
            return .failure(KafkaError(.inProgress, while: Self.operation))
        }
        return await withCheckedContinuation { reply in
            turn += 1
            var epochs: [TopicPartition: UInt64] = [:]
            for offset in offsets { epochs[offset.partition] = heldEpoch(of: offset.partition) }
            let id = turn
            var commit = Commit(id: id, offsets: offsets, epochs: epochs, reply: reply)
            commit.deadlines.append(
                after(settings.commitTimeout) { [self] in
                    stopWaiting(for: id, .failure(KafkaError(.timedOut, while: Self.operation)))
                    serveRevocation()
                })
            commits.append(commit)
            send(id)
        }
    }

    func sendWaitingCommits() {
        for commit in commits where !commit.isUnderWay { send(commit.id) }
    }

    /// None that somebody waits for.
    var hasNoCommits: Bool { commits.allSatisfy { $0.reply == nil } }

    func failCommits(_ code: Kafka.ErrorCode) {
        let failed = commits
        commits = []
        for commit in failed { commit.reply?.resume(returning: .failure(KafkaError(code, while: Self.operation))) }
    }

    /// Built when it can be sent: it may be for a later membership than the one that it was meant for.
    private func send(_ id: Int) {
        guard let index = commits.firstIndex(where: { $0.id == id && !$0.isUnderWay }) else { return }
        guard let coordinator, coordinator.isOpen else {
            if commits[index].request == nil { holdBack(id) }
            return findCoordinator()
        }
        // librdkafka would send it as nobody's, and brokers would take it while the group is empty: nobody can help it.
        // Else they answer so.
        guard generation >= 0 || commits[index].request != nil else {
            let partitions = commits[index].offsets.map(\.partition)
            return finish(
                id, .success(partitions.map { PartitionResult(partition: $0, offset: nil, error: .unknownMember) }))
        }
        let request = commits[index].request ?? build(index)
        commits[index].isUnderWay = true
        commits[index].tries += 1
        coordinator.call(.offsetCommit(request), version: 7, timeout: settings.requestTimeout) { [self] result in
            if let index = commits.firstIndex(where: { $0.id == id }) { commits[index].isUnderWay = false }
            switch result {
            case .success(.offsetCommit(let response)): take(response, of: id)
            case .success: break
            case .failure(let failure): repeatOrFail(id, failure == .timedOut ? .timedOut : .transport)
            }
        }
    }

    /// A request is given up after its timeout and those of its repetitions, under way or not.
    private func build(_ index: Int) -> OffsetCommitRequest {
        let request = request(for: commits[index].offsets)
        commits[index].request = request
        let id = commits[index].id
        commits[index].deadlines.append(
            after(settings.requestTimeout * (1 + Self.retries)) { [self] in
                finish(id, .failure(KafkaError(.timedOut, while: Self.operation)))
            })
        return request
    }

    /// It waits for a coordinator, once.
    private func holdBack(_ id: Int) {
        guard let index = commits.firstIndex(where: { $0.id == id }), !commits[index].hasWaited else { return }
        commits[index].hasWaited = true
        commits[index].deadlines.append(
            after(settings.sessionTimeout) { [self] in
                guard commits.contains(where: { $0.id == id && $0.request == nil }) else { return }
                finish(id, .failure(KafkaError(.waitingForCoordinator, while: Self.operation)))
            })
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
        if results.contains(where: { $0.error == .coordinatorLoading }) {
            return repeatOrFail(id, .coordinatorLoading)
        }
        let isMisplaced = results.contains { [.notCoordinator, .coordinatorNotAvailable].contains($0.error) }
        if isMisplaced { after(.milliseconds(100)) { [self] in findCoordinator() } }
        guard isMisplaced, let index = commits.firstIndex(where: { $0.id == id }), !commits[index].hasWaited else {
            finish(id, .success(results))
            return noteMembership(results)
        }
        // It was refused, so it is built anew for whoever coordinates next, and for the membership of that time.
        commits[index].request = nil
        holdBack(id)
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
        // As Kafka.Consumer judges: without an error the partition was this member's all the time.
        commit.reply?.resume(returning: result.map { $0.map { judge($0, commit) } })
        serveRevocation()
        after(.zero) { [self] in joinOnceAnswered() }
    }

    private func stopWaiting(for id: Int, _ result: CommitResult) {
        guard let index = commits.firstIndex(where: { $0.id == id }) else { return }
        commits[index].reply.take()?.resume(returning: result)
    }

    private func judge(_ result: PartitionResult, _ commit: Commit) -> PartitionResult {
        guard result.error == nil, let epoch = commit.epochs[result.partition],
            heldEpoch(of: result.partition) != epoch
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
        let results = topics.flatMap { topic in
            topic.partitions.map { partition in
                let error =
                    partition.errorCode == .none
                    ? nil : Kafka.ErrorCode(rawValue: Int32(partition.errorCode.rawValue))
                return PartitionResult(
                    partition: TopicPartition(topic.name, partition.partitionIndex), offset: nil, error: error)
            }
        }
        // librdkafka gives the error of one partition to all (`rd_kafka_cgrp_update_committed_offsets`).
        let last = results.last { $0.error != nil }?.error
        return results.map { PartitionResult(partition: $0.partition, offset: $0.offset, error: $0.error ?? last) }
    }
}
