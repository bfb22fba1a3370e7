internal import Threads

/// The queues of the partitions that a consumer holds, each read in turn.
///
/// librdkafka's one queue of a consumer hands out all that was fetched of one partition, thousands of messages, before
/// the next: whoever works on partitions side by side would work on one. Read by partition, every batch has some of
/// each, and a partition that rests costs nothing and loses nothing of what was fetched.
struct PartitionQueues: ~Copyable {
    /// The least that is taken of one partition before the next has its turn, so that turns do not cost more than
    /// messages.
    private static let leastShare = 16

    /// Owns the queue, which no array could.
    private final class Entry {
        let partition: TopicPartition
        let queue: Queue

        init(_ partition: TopicPartition, _ queue: consuming Queue) {
            self.partition = partition
            self.queue = queue
        }
    }

    private var entries: [Entry] = []
    private var turn = 0

    /// Begins to read partitions by queues of their own. Before they are assigned, or what is fetched at once would
    /// come by the consumer's queue.
    mutating func split(_ partitions: [TopicPartition], of client: Client, wake: WakePipe) {
        drop(partitions)
        for partition in partitions {
            guard let queue = Queue.partition(partition, of: client) else { continue }
            queue.wake(wake)
            entries.append(Entry(partition, queue))
        }
    }

    mutating func drop(_ partitions: [TopicPartition]) {
        let dropped = Set(partitions)
        entries.removeAll { dropped.contains($0.partition) }
        turn = 0
    }

    /// Takes up to `max` messages of those partitions that do not rest. Returns how many there were.
    mutating func consume(
        max: Int, through buffer: inout MessageBuffer, resting: Set<TopicPartition>,
        _ body: (consuming RawMessage) -> Void
    ) -> Int {
        guard !entries.isEmpty else { return 0 }
        let share = Swift.max(Self.leastShare, max / entries.count)
        var count = 0
        var emptyInARow = 0
        while count < max, emptyInARow < entries.count {
            let entry = entries[turn]
            turn = turn + 1 == entries.count ? 0 : turn + 1
            emptyInARow += 1
            if !resting.isEmpty, resting.contains(entry.partition) { continue }
            entry.queue.consume(into: &buffer, max: min(share, max - count))
            guard !buffer.isEmpty else { continue }
            emptyInARow = 0
            count += buffer.count
            buffer.drain(body)
        }
        return count
    }
}
