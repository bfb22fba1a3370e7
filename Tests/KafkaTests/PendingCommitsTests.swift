import Testing

@testable import Kafka

@Suite struct PendingCommitsTests {
    private let a = TopicPartition("t", 0)
    private let b = TopicPartition("t", 1)

    @Test(arguments: [false, true])
    func `what nobody waits for any more is in the way of later commits until librdkafka answers`(
        isCancelled: Bool
    ) async {
        var commits = PendingCommits(operation: "committing")
        let now = ContinuousClock.now
        let id = commits.nextID()
        let result: Result<[PartitionResult], KafkaError> = await withCheckedContinuation { continuation in
            commits.add(id, 7, of: [.init(a, 1)], under: Assignment(), deadline: now) {
                continuation.resume(returning: $0)
            }
            #expect(!commits.mayBeOvertaken(by: [.init(a, 2)]))
            if isCancelled { commits.giveUp(7) } else { commits.expire(at: now) }
        }
        #expect(throws: KafkaError.self) { try result.get() }
        #expect(commits.isEmpty)
        #expect(commits.mayBeOvertaken(by: [.init(b, 2), .init(a, 2)]))
        #expect(!commits.mayBeOvertaken(by: [.init(b, 2)]))
        commits.finish(id, nil, [PartitionResult(partition: a, offset: 1, error: nil)], under: Assignment())
        #expect(!commits.mayBeOvertaken(by: [.init(a, 2)]))
    }
}
