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
        let result = await withCheckedContinuation { (reply: PendingCommits.Reply) in
            commits.add(id, 7, of: [.init(a, 1)], under: Assignment(), deadline: now, reply: reply)
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

@Suite struct AutomaticCommitsTests {
    private let a = TopicPartition("t", 0)
    private let b = TopicPartition("u", 0)

    private func result(_ partition: TopicPartition, _ error: ErrorCode?) -> PartitionResult {
        PartitionResult(partition: partition, offset: 5, error: error)
    }

    @Test func `a failure among several is looked for one by one, and told once until it is over`() {
        var assignment = Assignment()
        assignment.add([a, b])
        var commits = AutomaticCommits()
        let denied = ErrorCode.topicAuthorizationFailed
        for round in 0..<2 {
            let together = commits.take(denied, [result(a, denied), result(b, denied)], in: assignment)
            #expect(together == .commitOneByOne([.init(a, 5), .init(b, 5)]))
            #expect(commits.take(denied, [result(a, denied)], in: assignment) == (round == 0 ? .tell(denied) : .none))
            #expect(commits.take(nil, [result(b, nil)], in: assignment) == .none)
        }
        #expect(commits.take(nil, [result(a, nil), result(b, nil)], in: assignment) == .none)
        #expect(commits.take(denied, [result(a, denied)], in: assignment) == .tell(denied))
        let gone = ErrorCode.coordinatorNotAvailable
        #expect(commits.take(gone, [result(a, gone), result(b, gone)], in: assignment) == .tell(gone))
        #expect(commits.take(.noOffset, [], in: assignment) == .none)
        // What is no longer held is another's to commit.
        assignment.remove([a])
        #expect(
            commits.take(denied, [result(a, denied), result(b, denied)], in: assignment)
                == .commitOneByOne([.init(b, 5)]))
    }
}
