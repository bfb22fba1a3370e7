// Decides which events are handed out, and what each settlement amounts to. A value: it calls nothing and waits for
// nothing.

package import Connector
internal import DequeModule

/// A message on its channel, where alone it can be acknowledged.
package struct DeliveryTag: Hashable, Sendable {
    package var queue: String
    /// Of the channel: a later channel of the same queue has another.
    package var epoch: UInt64
    package var tag: UInt64

    package init(queue: String, epoch: UInt64, tag: UInt64) {
        self.queue = queue
        self.epoch = epoch
        self.tag = tag
    }
}

/// The events between the server and the connector.
package struct Desk {
    /// What a settlement amounts to.
    package enum Outcome: Equatable {
        case settle(DeliveryTag)
        /// It came after the queue's channel was gone.
        case stale
        /// The event was settled before, or never handed out.
        case repeated
    }

    private struct Ready {
        let event: Event
        let tag: UInt64
    }

    private let maxInFlight: Int
    /// The epoch of each queue that is consumed.
    private var epochs: [String: UInt64] = [:]
    private var lastEpoch: UInt64 = 0
    private var lastOffset: Int64 = -1
    private var ready: Deque<Ready> = []
    /// By offset: handed out, not settled.
    private var inHand: [Int64: DeliveryTag] = [:]
    private var paused: Set<String> = []

    package init(maxInFlight: Int) { self.maxInFlight = max(1, maxInFlight) }

    // MARK: Queues

    /// A queue is consumed on a new channel.
    package mutating func open(_ queue: String) -> UInt64 {
        close(queue)
        lastEpoch += 1
        epochs[queue] = lastEpoch
        return lastEpoch
    }

    /// The queue's channel is gone; the server delivers again what was not acknowledged on it.
    package mutating func close(_ queue: String) {
        guard epochs.removeValue(forKey: queue) != nil else { return }
        lastEpoch += 1
        ready.removeAll { $0.event.topic == queue }
        inHand = inHand.filter { $0.value.queue != queue }
        paused.remove(queue)
    }

    /// Sorted.
    package var held: [SourcePartition] {
        epochs.keys.sorted().map { SourcePartition(topic: $0, partition: 0) }
    }
    package var epoch: Epoch { Epoch(lastEpoch) }

    package func holds(_ queue: String, _ epoch: Epoch) -> Bool { epochs[queue] == epoch.number }

    package mutating func pause(_ queues: [String]) { paused.formUnion(queues.filter { epochs[$0] != nil }) }
    package mutating func resume(_ queues: [String]) { paused.subtract(queues) }

    // MARK: The way of an event

    /// Takes in what the server delivered; `makeEvent` is given the event's id and epoch.
    package mutating func store(
        _ queue: String, tag: UInt64, _ makeEvent: (EventID, Epoch) -> Event
    ) {
        guard let epoch = epochs[queue] else { return }
        lastOffset += 1
        let event = makeEvent(EventID(topic: queue, partition: 0, offset: lastOffset), Epoch(epoch))
        ready.append(Ready(event: event, tag: tag))
    }

    /// The events to hand out now: no more than the limit, nor than may be unsettled.
    package mutating func take(_ limit: Int) -> [Event] {
        let room = min(limit, maxInFlight - inHand.count)
        guard room > 0, !ready.isEmpty else { return [] }
        var events: [Event] = []
        var rest: Deque<Ready> = []
        while events.count < room, let next = ready.popFirst() {
            if paused.contains(next.event.topic) {
                rest.append(next)
                continue
            }
            inHand[next.event.id.offset] = DeliveryTag(
                queue: next.event.topic, epoch: next.event.epoch.number, tag: next.tag)
            events.append(next.event)
        }
        if !rest.isEmpty { ready = rest + ready }
        return events
    }

    package mutating func settle(_ id: EventID, _ epoch: Epoch) -> Outcome {
        guard holds(id.topic, epoch) else { return .stale }
        guard let tag = inHand.removeValue(forKey: id.offset) else { return .repeated }
        return .settle(tag)
    }
}
