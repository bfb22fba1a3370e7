import Kafka
import KafkaSource
import Testing

@Suite struct SettlementWindowTests {
    private let a = TopicPartition("t", 0)

    private func window(handingOut offsets: [Int64], epoch: UInt64 = 1) -> SettlementWindow {
        var window = SettlementWindow()
        window.assign(a, epoch: epoch)
        for offset in offsets { window.handOut(a, epoch: epoch, offset: offset) }
        return window
    }

    @Test func `only what is settled together with all before it is committed`() {
        // Offsets have gaps where a topic is compacted.
        var window = window(handingOut: [3, 4, 9, 10])
        #expect(window.settle(a, epoch: 1, offset: 4) == .settled)
        #expect(window.takeOffsets(of: [a]) == [])
        #expect(window.settle(a, epoch: 1, offset: 3) == .settled)
        #expect(window.takeOffsets(of: [a]) == [TopicPartitionOffset(a, 5)])
        #expect(window.takeOffsets(of: [a]) == [])
        #expect(window.settle(a, epoch: 1, offset: 10) == .settled)
        #expect(window.settle(a, epoch: 1, offset: 9) == .settled)
        #expect(window.takeOffsets(of: [a]) == [TopicPartitionOffset(a, 11)])
    }

    @Test func `a settlement from an earlier assignment is stale`() {
        var window = window(handingOut: [3])
        window.revoke(a)
        #expect(window.settle(a, epoch: 1, offset: 3) == .stale)
        window.assign(a, epoch: 3)
        window.handOut(a, epoch: 3, offset: 3)
        #expect(window.settle(a, epoch: 1, offset: 3) == .stale)
        #expect(window.settle(a, epoch: 3, offset: 3) == .settled)
    }

    @Test func `an event is settled once`() {
        var window = window(handingOut: [3, 4])
        #expect(window.settle(a, epoch: 1, offset: 4) == .settled)
        #expect(window.settle(a, epoch: 1, offset: 4) == .repeated)
        #expect(window.settle(a, epoch: 1, offset: 3) == .settled)
        #expect(window.settle(a, epoch: 1, offset: 3) == .repeated)
        #expect(window.settle(a, epoch: 1, offset: 99) == .repeated)
    }

    @Test func `what was acknowledged before it was handled is out of the window`() {
        var window = window(handingOut: [3, 4, 5])
        window.forget(a, epoch: 1, before: 5)
        #expect(window.settle(a, epoch: 1, offset: 4) == .repeated)
        #expect(window.settle(a, epoch: 1, offset: 5) == .settled)
    }

    @Test func `a log that was cut goes on from where it is handed out`() {
        var window = window(handingOut: [5, 6, 7])
        #expect(window.settle(a, epoch: 1, offset: 5) == .settled)
        #expect(window.settle(a, epoch: 1, offset: 7) == .settled)
        // What came after 5 is gone, and other records stand there now.
        window.handOut(a, epoch: 1, offsets: [6, 7])
        #expect(window.settle(a, epoch: 1, offset: 6) == .settled)
        #expect(window.takeOffsets(of: [a]).map(\.offset) == [7])
        window.handOut(a, epoch: 1, offsets: [0, 1])
        #expect(window.takeOffsets(of: [a]) == [])
        #expect(window.settle(a, epoch: 1, offset: 0) == .settled)
        #expect(window.takeOffsets(of: [a]).map(\.offset) == [1])
    }

    @Test func `an event of a partition that is gone is not taken in`() {
        var window = window(handingOut: [])
        window.handOut(a, epoch: 2, offset: 1)
        #expect(window.settle(a, epoch: 1, offset: 1) == .repeated)
        #expect(window.isHeld(a, 1))
        #expect(!window.isHeld(a, 2))
        #expect(!window.isHeld(TopicPartition("t", 1), 1))
    }
}
