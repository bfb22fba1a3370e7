import Connector
import RabbitMQSource
import Testing

@Suite struct DeskTests {
    private func desk(_ maxInFlight: Int, _ messages: [(queue: String, tag: UInt64)]) -> Desk {
        var desk = Desk(maxInFlight: maxInFlight)
        for queue in Set(messages.map(\.queue)).sorted() { _ = desk.open(queue) }
        for (queue, tag) in messages { desk.deliver(queue, tag) }
        return desk
    }

    @Test func `no more is handed out than may be unsettled`() {
        var desk = desk(2, [("a", 1), ("a", 2), ("a", 3)])
        let events = desk.take(64)
        #expect(events.map(\.id.offset) == [0, 1])
        #expect(desk.take(64).isEmpty)
        #expect(
            desk.settle(events[0].id, events[0].epoch) == .settle(DeliveryTag(queue: "a", epoch: 1, tag: 1)))
        #expect(desk.take(64).map(\.id.offset) == [2])
    }

    @Test func `an event is settled once, and not after its channel is gone`() {
        var desk = desk(8, [("a", 1), ("b", 1)])
        let events = desk.take(8)
        #expect(desk.settle(events[0].id, events[0].epoch) != .repeated)
        #expect(desk.settle(events[0].id, events[0].epoch) == .repeated)
        desk.close("b")
        #expect(!desk.holds("b", events[1].epoch))
        #expect(desk.settle(events[1].id, events[1].epoch) == .stale)
        let epoch = desk.open("b")
        #expect(desk.settle(events[1].id, events[1].epoch) == .stale)
        // The same tag on the next channel is another delivery.
        desk.deliver("b", 1)
        let again = desk.take(8)
        #expect(again.map(\.epoch) == [Epoch(epoch)])
        #expect(again[0].id != events[1].id)
    }

    @Test func `what waits of a queue goes with its channel, and what comes without one is dropped`() {
        var desk = desk(8, [("a", 1), ("b", 1)])
        desk.close("a")
        desk.deliver("a", 2)
        #expect(desk.take(8).map(\.topic) == ["b"])
        #expect(desk.held == [SourcePartition(topic: "b", partition: 0)])
    }

    @Test func `a paused queue waits, and keeps its order`() {
        var desk = desk(8, [("a", 1), ("b", 1), ("a", 2)])
        desk.pause(["a", "unknown"])
        #expect(desk.take(8).map(\.topic) == ["b"])
        #expect(desk.take(8).isEmpty)
        desk.resume(["a"])
        #expect(desk.take(8).map(\.id.offset) == [0, 2])
    }
}

extension Desk {
    fileprivate mutating func deliver(_ queue: String, _ tag: UInt64) {
        store(queue, tag: tag) { id, epoch in Event(id: id, epoch: epoch, payload: nil) }
    }
}
