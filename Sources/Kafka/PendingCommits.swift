/// Commits that librdkafka was asked for and has not answered.
struct PendingCommits {
    /// Called while this value is being changed: it must not look here.
    typealias Reply = (Result<[PartitionResult], KafkaError>) -> Void

    private struct Commit {
        let reply: Reply
        /// By which whoever waits gives it up.
        let ticket: UInt64
        let partitions: [TopicPartition]
        /// Under which each partition was held when the commit was asked for.
        let epochs: [TopicPartition: UInt64]
        let deadline: ContinuousClock.Instant
    }

    /// The id of commits that nobody waits for.
    static let nobodys = 0

    let operation: String
    private var commitsByID: [Int: Commit] = [:]
    /// The partitions of commits that nobody waits for any more. librdkafka has them still, and may send them again
    /// behind others (its queue of repetitions outlives a connection).
    private var forsakenByID: [Int: [TopicPartition]] = [:]
    private var lastID = 0

    init(operation: String) { self.operation = operation }

    var isEmpty: Bool { commitsByID.isEmpty }
    var nextDeadline: ContinuousClock.Instant? { commitsByID.values.lazy.map(\.deadline).min() }

    mutating func nextID() -> Int {
        lastID += 1
        return lastID
    }

    /// librdkafka gives the commits that it makes by itself an address for an id.
    func isNobodys(_ id: Int) -> Bool { id < 1 || id > lastID }

    mutating func add(
        _ id: Int, _ ticket: UInt64, of offsets: [TopicPartitionOffset]?, under assignment: Assignment,
        deadline: ContinuousClock.Instant, reply: @escaping Reply
    ) {
        var epochs: [TopicPartition: UInt64] = [:]
        for offset in offsets ?? [] { epochs[offset.partition] = assignment.heldEpoch(of: offset.partition) }
        commitsByID[id] = Commit(
            reply: reply, ticket: ticket, partitions: (offsets ?? []).map(\.partition), epochs: epochs,
            deadline: deadline)
    }

    /// Whether an earlier commit of one of these may still take effect, and so after one that was made now: the
    /// committed offset would move back.
    func mayBeOvertaken(by offsets: [TopicPartitionOffset]) -> Bool {
        guard !forsakenByID.isEmpty else { return false }
        return forsakenByID.values.contains { partitions in
            offsets.contains { partitions.contains($0.partition) }
        }
    }

    /// Answers a commit, unless it was given up before.
    mutating func finish(_ id: Int, _ error: ErrorCode?, _ results: [PartitionResult], under assignment: Assignment) {
        forsakenByID[id] = nil
        guard let commit = commitsByID.removeValue(forKey: id) else { return }
        if let error, results.allSatisfy({ $0.error == nil }) {
            commit.reply(.failure(KafkaError(error, while: operation)))
            return
        }
        // librdkafka may have sent it for a later membership than the one that it was meant for.
        let judged = results.map { result in
            guard let epoch = commit.epochs[result.partition], result.error == nil,
                assignment.heldEpoch(of: result.partition) != epoch
            else { return result }
            return PartitionResult(partition: result.partition, offset: result.offset, error: .assignmentLost)
        }
        commit.reply(.success(judged))
    }

    /// Gives up those whose deadline has passed: librdkafka may hold a commit back for as long as there is no
    /// coordinator.
    mutating func expire(at now: ContinuousClock.Instant) {
        guard !isEmpty else { return }
        for id in commitsByID.keys.sorted() where commitsByID[id].map({ $0.deadline <= now }) ?? false {
            let error = KafkaError(
                .timedOut, while: operation, reason: "the group's coordinator did not answer in time")
            forsake(id, error)
        }
    }

    private mutating func forsake(_ id: Int, _ error: KafkaError) {
        guard let commit = commitsByID.removeValue(forKey: id) else { return }
        forsakenByID[id] = commit.partitions
        commit.reply(.failure(error))
    }

    /// Whoever waited for the commit does so no more; it may take effect all the same.
    mutating func giveUp(_ ticket: UInt64) {
        guard let id = commitsByID.first(where: { $0.value.ticket == ticket })?.key else { return }
        let error = KafkaError(.timedOut, while: operation, reason: "cancelled before the group's coordinator answered")
        forsake(id, error)
    }

    mutating func failAll(_ error: KafkaError) {
        for id in commitsByID.keys.sorted() {
            commitsByID.removeValue(forKey: id)?.reply(.failure(error))
        }
    }
}
