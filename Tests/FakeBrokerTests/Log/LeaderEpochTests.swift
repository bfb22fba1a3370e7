import KafkaProtocol
import Testing

@testable import FakeBroker

@Suite struct `Leader epochs` {
    private func epochs() -> LeaderEpochs {
        var epochs = LeaderEpochs()
        for (epoch, offset) in [(Int32(0), Int64(0)), (0, 3), (2, 5), (3, 9)] { epochs.appended(epoch, at: offset) }
        return epochs
    }

    private func end(_ epoch: Int32, current: Int32 = 4, _ epochs: LeaderEpochs) -> String? {
        epochs.end(of: epoch, current: current, endOffset: 12).map { "\($0.epoch) at \($0.offset)" }
    }

    @Test func `end where the next begin`() {
        #expect(end(0, epochs()) == "0 at 5")
        // It wrote nothing: the one before did.
        #expect(end(1, epochs()) == "0 at 5")
        #expect(end(2, epochs()) == "2 at 9")
        #expect(end(3, epochs()) == "3 at 12")
        #expect(end(4, epochs()) == "4 at 12")
        #expect(end(5, epochs()) == nil)
        #expect(end(-1, epochs()) == nil)
    }

    @Test func `go with their records`() {
        var epochs = epochs()
        epochs.truncate(before: 7)
        #expect(epochs.entries == [.init(epoch: 2, startOffset: 7), .init(epoch: 3, startOffset: 9)])
        #expect(epochs.epoch(of: 8) == 2)
        #expect(epochs.epoch(of: 6) == nil)
        #expect(end(0, epochs) == "0 at 7")
    }

    @Test func `are asked of the leader`() throws {
        var cluster = VirtualCluster { settings in
            settings.brokers = 2
            settings.topics = [.init("t", replicationFactor: 2)]
        }
        let first = try #require(cluster.cluster.topics["t"]?.partitions[0].leader)
        _ = cluster.produce(Batches.make(["a", "b"]), broker: first)
        cluster.change { cluster, _, _ in _ = cluster.setBroker(first, isUp: false) }
        let second = 3 - first
        _ = cluster.produce(Batches.make(["c"]), broker: second)
        func ask(_ epoch: Int32, current: Int32 = -1, of broker: Int32) -> String? {
            var partition = OffsetForLeaderEpochRequest.OffsetForLeaderPartition()
            partition.leaderEpoch = epoch
            partition.currentLeaderEpoch = current
            var topic = OffsetForLeaderEpochRequest.OffsetForLeaderTopic()
            topic.topic = "t"
            topic.partitions = [partition]
            var request = OffsetForLeaderEpochRequest()
            request.topics = [topic]
            guard case .offsetForLeaderEpoch(let answer) = cluster.send(.offsetForLeaderEpoch(request), to: broker)
            else { return nil }
            let end = answer.topics[0].partitions[0]
            return end.errorCode == .none ? "\(end.leaderEpoch) at \(end.endOffset)" : end.errorCode.description
        }
        #expect(ask(0, of: second) == "0 at 2")
        #expect(ask(1, of: second) == "1 at 3")
        #expect(ask(9, of: second) == "-1 at -1")
        #expect(ask(0, of: first) == "NOT_LEADER_OR_FOLLOWER")
        #expect(ask(0, current: 0, of: second) == "FENCED_LEADER_EPOCH")
        #expect(ask(0, current: 7, of: second) == "UNKNOWN_LEADER_EPOCH")
    }
}
