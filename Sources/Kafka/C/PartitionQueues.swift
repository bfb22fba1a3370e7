internal import Threads

/// The queues of the partitions that a consumer holds, each read in turn.
///
/// librdkafka's one queue of a consumer hands out all that was fetched of one partition, thousands of messages, before
/// the next: whoever works on partitions side by side would work on one. Read by partition, every batch has some of
/// each, and a partition that rests costs nothing and loses nothing of what was fetched.
struct PartitionQueues: ~Copyable {
    /// Owns the queue, which no array could.
    private final class Entry {
        let partition: TopicPartition
        let queue: Queue
        /// The call of `consume` in which nothing was found there.
        var emptyIn = 0

        init(_ partition: TopicPartition, _ queue: consuming Queue) {
            self.partition = partition
            self.queue = queue
        }

        func empty(through buffer: inout MessageBuffer) {
            repeat {
                buffer.drain { _ in }
                queue.consume(into: &buffer, max: buffer.capacity)
            } while !buffer.isEmpty
        }
    }

    private var entries: [Entry] = []
    /// Of partitions that were given up.
    private var dropped: [Entry] = []
    private var turn = 0
    private var calls = 0

    /// Begins to read partitions by queues of their own. Before they are assigned, or what is fetched at once would
    /// come by the consumer's queue.
    mutating func split(
        _ partitions: [TopicPartition], of client: Client, wake: WakePipe, through buffer: inout MessageBuffer
    ) {
        drop(partitions, through: &buffer)
        for partition in partitions {
            guard let queue = Queue.partition(partition, of: client) else { continue }
            let entry = Entry(partition, queue)
            // librdkafka leaves there what was fetched when the partition was here before. It wakes only when the
            // first message comes into an empty queue.
            entry.empty(through: &buffer)
            entry.queue.wake(wake)
            entries.append(entry)
        }
    }

    /// After the partitions were given up: what was fetched of them librdkafka would keep until they come back.
    mutating func drop(_ partitions: [TopicPartition], through buffer: inout MessageBuffer) {
        releaseDropped(through: &buffer)
        let leaving = Set(partitions)
        dropped = entries.filter { leaving.contains($0.partition) }
        entries.removeAll { leaving.contains($0.partition) }
        turn = 0
        for entry in dropped { entry.empty(through: &buffer) }
    }

    /// To be called some time later: librdkafka gives partitions up on a thread of its own, and fetches until then.
    mutating func releaseDropped(through buffer: inout MessageBuffer) {
        for entry in dropped { entry.empty(through: &buffer) }
        dropped = []
    }

    /// Takes up to `max` messages of those partitions that do not rest, of each as many, but `leastShare` at least.
    /// Returns how many there were.
    mutating func consume(
        max: Int, leastShare: Int, through buffer: inout MessageBuffer, resting: Set<TopicPartition>,
        _ body: (consuming RawMessage) -> Void
    ) -> Int {
        guard !entries.isEmpty else { return 0 }
        calls += 1
        var share = Swift.max(leastShare, max / entries.count)
        var count = 0
        var steps = 0
        var emptyInARow = 0
        while count < max, emptyInARow < entries.count {
            let entry = entries[turn]
            turn = turn + 1 == entries.count ? 0 : turn + 1
            steps += 1
            // Where few have any, not a round for each message.
            if steps.isMultiple(of: entries.count) { share = min(share * 2, max) }
            emptyInARow += 1
            if entry.emptyIn == calls || !resting.isEmpty && resting.contains(entry.partition) { continue }
            entry.queue.consume(into: &buffer, max: min(share, max - count))
            guard !buffer.isEmpty else {
                entry.emptyIn = calls
                continue
            }
            emptyInARow = 0
            count += buffer.count
            buffer.drain(body)
        }
        return count
    }
}
