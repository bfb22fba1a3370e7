// Decides what may be committed when events are settled one by one, after they were handled. A value: it calls
// nothing and waits for nothing.

internal import DequeModule
package import Kafka

/// The events of each held partition that were handed out and not yet settled, in order.
package struct SettlementWindow {
    /// What a settlement amounts to.
    package enum Verdict: Equatable {
        case settled
        /// It came after the partition was given up.
        case stale
        /// The event was settled before, or never handed out.
        case repeated
    }

    fileprivate struct Entry {
        let offset: Int64
        /// Where the event before it ended: the commit as long as this one is not settled.
        let start: Int64
    }

    fileprivate struct Lane {
        let epoch: UInt64
        /// What was handed out and not settled, in order. What was settled behind one of these leaves no trace, or one
        /// event that is tried for hours would cost memory for all that pass it.
        var unsettled: Deque<Entry> = []
        /// The offset after the last one that was handed out.
        var end: Int64 = 0
        /// What may be committed now: all before it is settled.
        var next: Int64?
        var hasBegun = false
    }

    /// Only looked up.
    private var lanes: [TopicPartition: Lane] = [:]

    package init() {}

    // MARK: Assignment

    package mutating func assign(_ partition: TopicPartition, epoch: UInt64) { lanes[partition] = Lane(epoch: epoch) }

    package mutating func revoke(_ partition: TopicPartition) { lanes[partition] = nil }

    package func isHeld(_ partition: TopicPartition, _ epoch: UInt64) -> Bool { lanes[partition]?.epoch == epoch }

    /// Whether something of the partition was handed out that is not settled, or lies behind `committed`.
    package func isOpen(_ partition: TopicPartition, committed: Int64) -> Bool {
        lanes[partition].map { !$0.unsettled.isEmpty || committed < $0.end } ?? false
    }

    // MARK: The way of an event

    /// An event was handed out. Offsets grow within a partition, unless its log was cut: then what was handed out of
    /// the part that is gone is waited for no more.
    package mutating func handOut(_ partition: TopicPartition, epoch: UInt64, offset: Int64) {
        handOut(partition, epoch: epoch, offsets: CollectionOfOne(offset))
    }

    /// Answers whether these are the first of the partition under its epoch.
    @discardableResult
    package mutating func handOut(
        _ partition: TopicPartition, epoch: UInt64, offsets: some Sequence<Int64>
    ) -> Bool {
        guard isHeld(partition, epoch) else { return false }
        defer { lanes[partition]?.hasBegun = true }
        lanes[partition]?.handOut(offsets)
        return lanes[partition]?.hasBegun == false
    }

    /// Everything before `offset` was acknowledged before it was handled, or given up.
    package mutating func forget(_ partition: TopicPartition, epoch: UInt64, before offset: Int64) {
        guard isHeld(partition, epoch) else { return }
        lanes[partition]?.forget(before: offset)
    }

    package mutating func settle(_ partition: TopicPartition, epoch: UInt64, offset: Int64) -> Verdict {
        guard isHeld(partition, epoch) else { return .stale }
        return lanes[partition]?.settle(offset) ?? false ? .settled : .repeated
    }

    /// What may be committed of these partitions and was not taken before.
    package mutating func takeOffsets(of partitions: some Sequence<TopicPartition>) -> [TopicPartitionOffset] {
        partitions.compactMap { partition in
            guard let next = lanes[partition]?.next else { return nil }
            lanes[partition]?.next = nil
            return TopicPartitionOffset(partition, next)
        }
    }
}

extension SettlementWindow.Lane {
    fileprivate mutating func handOut(_ offsets: some Sequence<Int64>) {
        for offset in offsets {
            while let last = unsettled.last, last.offset >= offset { unsettled.removeLast() }
            if let next, next > offset { self.next = nil }
            unsettled.append(.init(offset: offset, start: min(end, offset)))
            end = offset + 1
        }
    }

    fileprivate mutating func forget(before offset: Int64) {
        while let first = unsettled.first, first.offset < offset { unsettled.removeFirst() }
    }

    /// `false` if there is no such event, or none any more.
    fileprivate mutating func settle(_ offset: Int64) -> Bool {
        guard let index = index(of: offset) else { return false }
        unsettled.remove(at: index)
        if index == unsettled.startIndex { next = unsettled.first?.start ?? end }
        return true
    }

    /// By halving, for a window may be long.
    private func index(of offset: Int64) -> Int? {
        var low = unsettled.startIndex
        var high = unsettled.endIndex
        while low < high {
            let middle = low + (high - low) / 2
            if unsettled[middle].offset < offset { low = middle + 1 } else { high = middle }
        }
        return low < unsettled.endIndex && unsettled[low].offset == offset ? low : nil
    }
}
