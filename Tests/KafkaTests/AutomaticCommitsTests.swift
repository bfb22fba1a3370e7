import Testing

@testable import Kafka

@Suite struct AutomaticCommitsTests {
    private let a = TopicPartition("t", 0)
    private let b = TopicPartition("u", 0)
    private let denied = ErrorCode.topicAuthorizationFailed

    private var assignment: Assignment {
        var assignment = Assignment()
        assignment.add([a, b])
        return assignment
    }

    private func result(_ partition: TopicPartition, _ error: ErrorCode?, offset: Int64? = 5) -> PartitionResult {
        PartitionResult(partition: partition, offset: offset, error: error)
    }

    @Test func `a failure among several is looked for one by one, and told once until it is over`() {
        var commits = AutomaticCommits()
        func take(_ error: ErrorCode?, _ results: PartitionResult..., isAlone: Bool = false) -> ErrorCode? {
            commits.take(error, results, isAlone: isAlone, in: assignment)
        }
        for round in 0..<2 {
            #expect(take(denied, result(a, denied), result(b, denied)) == nil)
            #expect(Set(commits.takeDue()) == [.init(a, 5), .init(b, 5)])
            // One at a time.
            #expect(take(denied, result(a, denied), result(b, denied)) == nil)
            #expect(commits.takeDue() == [])
            #expect(take(denied, result(a, denied), isAlone: true) == (round == 0 ? denied : nil))
            #expect(take(nil, result(b, nil), isAlone: true) == nil)
            // What failed alone is left alone for some time.
            #expect(take(denied, result(a, denied), result(b, denied)) == nil)
            #expect(Set(commits.takeDue()).contains(.init(b, 5)))
            #expect(take(nil, result(b, nil), isAlone: true) == nil)
            commits.tick()
            _ = commits.takeDue()
            _ = take(denied, result(a, denied), isAlone: true)
            commits.tick()
        }
        #expect(take(nil, result(a, nil), result(b, nil)) == nil)
        #expect(take(denied, result(a, denied), result(b, nil, offset: nil)) == denied)
        let gone = ErrorCode.coordinatorNotAvailable
        #expect(take(gone, result(a, gone), result(b, gone)) == gone)
        #expect(take(.noOffset) == nil)
    }

    @Test func `what is no longer held is another's to commit`() {
        var commits = AutomaticCommits()
        var held = assignment
        held.remove([a])
        #expect(commits.take(denied, [result(a, denied), result(b, denied)], isAlone: false, in: held) == nil)
        #expect(commits.takeDue() == [.init(b, 5)])
    }

    /// librdkafka commits by itself only what is beyond what it committed.
    @Test func `what is stored before what was committed is committed alone, until that succeeds`() {
        var commits = AutomaticCommits()
        func take(_ error: ErrorCode?, _ result: PartitionResult, isAlone: Bool = false) {
            _ = commits.take(error, [result], isAlone: isAlone, in: assignment)
        }
        commits.note(stored: [.init(a, 9)])
        take(nil, result(a, nil, offset: 9))
        commits.note(stored: [.init(a, 10)])
        #expect(commits.takeDue() == [])
        take(nil, result(a, nil, offset: 10))
        commits.note(stored: [.init(a, 2)])
        #expect(commits.takeDue() == [.init(a, 2)])
        commits.note(stored: [.init(a, 3)])
        #expect(commits.takeDue() == [])
        take(.illegalGeneration, result(a, .illegalGeneration, offset: 2), isAlone: true)
        #expect(commits.takeDue() == [.init(a, 3)])
        take(.requestTimedOut, result(a, .requestTimedOut, offset: 3), isAlone: true)
        #expect(commits.takeDue() == [])
        commits.tick()
        #expect(commits.takeDue() == [.init(a, 3)])
        take(nil, result(a, nil, offset: 3), isAlone: true)
        commits.tick()
        #expect(commits.takeDue() == [])
        commits.note(stored: [.init(a, 4)])
        #expect(commits.takeDue() == [])
        // It goes away and comes back, and librdkafka knows still what it committed.
        take(nil, result(a, nil, offset: 4))
        commits.note(stored: [.init(a, 1)])
        commits.remove([a])
        #expect(commits.takeDue() == [])
        commits.note(stored: [.init(a, 2)])
        #expect(commits.takeDue() == [.init(a, 2)])
    }
}
