import Connector
import Kafka
import KafkaSource
import Testing

@Suite struct BatchCommitTests {
    private let a = TopicPartition("t", 0)
    private let b = TopicPartition("t", 1)

    private func event(_ partition: TopicPartition, _ offset: Int64, epoch: UInt64 = 1) -> Event {
        Event(
            id: EventID(topic: partition.topic, partition: partition.partition, offset: offset), epoch: Epoch(epoch),
            payload: Bytes("x"))
    }

    private func batch(_ offsets: [(TopicPartition, Int64)]) -> [Event] { offsets.map { event($0, $1) } }

    private func describe(_ acknowledgement: Acknowledgement) -> String {
        let acknowledged = acknowledgement.acknowledged.map(\.id.description).joined(separator: " ")
        let refused = acknowledgement.refused.map { "\($0.reason):\($0.events)" }.joined(separator: " ")
        return "[\(acknowledged)] [\(refused)]"
    }

    @Test func `one offset is committed for each partition, the one after its last event`() {
        let commit = BatchCommit(batch([(a, 5), (a, 6), (b, 1), (a, 7), (b, 2)]))
        #expect(commit.offsets == [TopicPartitionOffset(a, 8), TopicPartitionOffset(b, 3)])
    }

    @Test func `committed partitions are handed over in the order of the batch, refused ones are counted`() {
        var commit = BatchCommit(batch([(a, 5), (b, 1), (a, 6), (b, 2)]))
        commit.apply([result(a, nil), result(b, .fencedInstance)])
        #expect(commit.offsets == [])
        #expect(describe(commit.acknowledgement) == "[t/0/5 t/0/6] [fenced:2]")
    }

    @Test(arguments: [
        (ErrorCode.fencedInstance, "fenced"), (.groupAuthorizationFailed, "unauthorized"),
        (.topicAuthorizationFailed, "unauthorized"),
    ])
    func `a refusal is counted by its reason and not asked again`(code: ErrorCode, reason: String) {
        var commit = BatchCommit(batch([(a, 5)]))
        commit.apply([result(a, code)])
        #expect(commit.offsets == [])
        #expect(describe(commit.acknowledgement) == "[] [\(reason):1]")
        #expect(commit.denial?.code == (code.isAuthorization ? code : nil))
    }

    /// librdkafka gives the error of one partition to all that were committed with it.
    @Test func `an error among several partitions is asked about one by one, without a pause`() {
        let c = TopicPartition("u", 0)
        var commit = BatchCommit(batch([(a, 5), (b, 1), (c, 7)]))
        #expect(commit.isRepetition)
        commit.apply([a, b, c].map { result($0, .topicAuthorizationFailed) })
        #expect(commit.denial == nil)
        #expect(!commit.isRepetition)
        #expect(commit.offsets == [TopicPartitionOffset(a, 6)])
        commit.apply([result(a, nil)])
        #expect(commit.offsets == [TopicPartitionOffset(b, 2)])
        commit.apply([result(b, .coordinatorNotAvailable)])
        #expect(!commit.isRepetition)
        #expect(commit.offsets == [TopicPartitionOffset(c, 8)])
        commit.apply([result(c, .topicAuthorizationFailed)])
        #expect(commit.denial?.code == .topicAuthorizationFailed)
        #expect(commit.isRepetition)
        #expect(commit.offsets == [TopicPartitionOffset(b, 2)])
        // It may have been committed beside the others.
        commit.giveUp("shutdown")
        #expect(describe(commit.acknowledgement) == "[t/0/5] [outcome-unknown:1 unauthorized:1]")
    }

    @Test(arguments: [
        ErrorCode.rebalanceInProgress, .notCoordinator, .coordinatorLoading, .timedOut, .transport, .requestTimedOut,
        .illegalGeneration, .unknownMember, .unknownServerError, ErrorCode(rawValue: 12), ErrorCode(rawValue: 35),
    ])
    func `what does not cost the partition is asked again until it is known`(code: ErrorCode) {
        var commit = BatchCommit(batch([(a, 5), (b, 1)]))
        commit.apply(KafkaError(code, while: "committing"))
        #expect(commit.offsets == [TopicPartitionOffset(a, 6), TopicPartitionOffset(b, 2)])
        commit.apply([result(a, nil), result(b, code)])
        #expect(commit.offsets == [TopicPartitionOffset(b, 2)])
        commit.apply([result(b, nil)])
        #expect(describe(commit.acknowledgement) == "[t/0/5 t/1/1] []")
    }

    @Test func `what was not even asked for is revoked, and nothing else`() {
        var commit = BatchCommit([event(a, 1)])
        commit.apply([result(a, .state)])
        #expect(commit.offsets.map(\.offset) == [2])
        commit.dropStale { _, _ in false }
        #expect(commit.acknowledgement.refused.map(\.reason) == ["revoked"])
    }

    @Test func `what is no longer held is not handed over, and not asked again`() {
        var commit = BatchCommit(batch([(a, 5), (b, 1)]))
        commit.apply([result(a, .rebalanceInProgress), result(b, .rebalanceInProgress)])
        commit.dropStale { partition, _ in partition == b }
        #expect(commit.offsets == [TopicPartitionOffset(b, 2)])
        commit.apply([result(b, nil)])
        #expect(describe(commit.acknowledgement) == "[t/1/1] [revoked:1]")
    }

    /// A commit sent behind a JoinGroup is refused for its generation, though the partition stays: were the events
    /// dropped then, nobody would ever read them again.
    @Test
    func `a commit for an earlier generation is repeated while the partition is held, and refused once it is not`() {
        var commit = BatchCommit(batch([(a, 5), (b, 1)]))
        commit.apply([result(a, .illegalGeneration), result(b, .illegalGeneration)])
        commit.dropStale { partition, _ in partition == a }
        #expect(commit.offsets == [TopicPartitionOffset(a, 6)])
        commit.apply([result(a, nil)])
        #expect(describe(commit.acknowledgement) == "[t/0/5] [revoked:1]")
    }

    @Test func `a lost reply followed by a revocation leaves the outcome unknown`() {
        var commit = BatchCommit(batch([(a, 5)]))
        commit.apply(KafkaError(.timedOut, while: "committing"))
        commit.dropStale { _, _ in false }
        #expect(describe(commit.acknowledgement) == "[] [outcome-unknown:1]")
    }

    /// librdkafka repeats a commit whose connection broke, and tells only of the last answer.
    @Test func `a refusal that may be of a repetition leaves the outcome unknown`() {
        var commit = BatchCommit(batch([(a, 5), (b, 1)]))
        commit.apply([result(a, .unknownMember), result(b, nil)], after: .seconds(4))
        commit.dropStale { _, _ in false }
        #expect(describe(commit.acknowledgement) == "[t/1/1] [outcome-unknown:1]")
        commit = BatchCommit(batch([(a, 5)]))
        commit.apply([result(a, .unknownMember)], after: .milliseconds(20))
        commit.dropStale { _, _ in false }
        #expect(describe(commit.acknowledgement) == "[] [revoked:1]")
    }

    /// The repetition may have been refused by who coordinates no more, and librdkafka has then waited for who does.
    @Test func `a failure to find a coordinator that may follow on a lost reply leaves the outcome unknown`() {
        var commit = BatchCommit(batch([(a, 5)]))
        commit.apply(KafkaError(.waitingForCoordinator, while: "committing"), after: .seconds(3))
        commit.dropStale { _, _ in false }
        #expect(describe(commit.acknowledgement) == "[] [outcome-unknown:1]")
    }

    /// It may wait for a coordinator for longer than the assignment lasts.
    @Test func `a commit for another assignment of a partition is waited for`() {
        var underWay = CommitsUnderWay()
        let old = BatchCommit([event(a, 5, epoch: 1), event(b, 1, epoch: 1)])
        let new = BatchCommit([event(a, 5, epoch: 3)])
        underWay.begin(old.pending)
        #expect(underWay.blocks(new.pending))
        #expect(!underWay.blocks(old.pending))
        underWay.end(old.pending)
        #expect(!underWay.blocks(new.pending))
    }

    @Test func `an answer that came after the assignment was lost hands nothing over`() {
        var commit = BatchCommit(batch([(a, 5)]))
        commit.apply([result(a, .assignmentLost)])
        #expect(describe(commit.acknowledgement) == "[] [outcome-unknown:1]")
    }

    @Test func `an answer without a partition leaves that partition to be asked again`() {
        var commit = BatchCommit(batch([(a, 5), (b, 1)]))
        commit.apply([result(b, nil)])
        #expect(commit.offsets == [TopicPartitionOffset(a, 6)])
        commit.giveUp("shutdown")
        #expect(describe(commit.acknowledgement) == "[t/1/1] [outcome-unknown:1]")
    }

    @Test func `giving up before any attempt says why`() {
        var commit = BatchCommit(batch([(a, 5), (a, 6)]))
        commit.giveUp("closed")
        #expect(describe(commit.acknowledgement) == "[] [closed:2]")
    }

    @Test func `one partition under two assignments is judged by each`() {
        var commit = BatchCommit([event(a, 5, epoch: 1), event(a, 5, epoch: 3)])
        commit.dropStale { _, epoch in epoch == 3 }
        commit.apply([result(a, nil)])
        #expect(commit.acknowledgement.acknowledged.map(\.epoch) == [Epoch(3)])
        #expect(commit.acknowledgement.refused.map(\.events) == [1])
    }

    private func result(_ partition: TopicPartition, _ error: ErrorCode?) -> PartitionResult {
        PartitionResult(partition: partition, offset: nil, error: error)
    }
}
